/** The loop lane: a service's callbacks, in order, on the event loop. */
@NullMarked
package io.baton.worker.run;

import org.jspecify.annotations.NullMarked;
