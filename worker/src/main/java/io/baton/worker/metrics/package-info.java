/** What this worker and its modules count and measure, until the manager has it. */
@NullMarked
package io.baton.worker.metrics;

import org.jspecify.annotations.NullMarked;
