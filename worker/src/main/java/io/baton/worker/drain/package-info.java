/** How a worker comes to its end. */
@NullMarked
package io.baton.worker.drain;

import org.jspecify.annotations.NullMarked;
