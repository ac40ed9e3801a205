/** The worker's end of the pipe: handoffs in, answers and reports out. */
@NullMarked
package io.baton.worker.pipe;

import org.jspecify.annotations.NullMarked;
