/** What workers and their modules count and measure, added up. */
@NullMarked
package io.baton.manager.metrics;

import org.jspecify.annotations.NullMarked;
