/**
 * Memory that connections hold, all of a worker's together, and what happens when it runs short.
 */
@NullMarked
package io.baton.worker.memory;

import org.jspecify.annotations.NullMarked;
