/** What a module counts and measures, for {@code /metrics}. */
@NullMarked
package io.baton.service.metrics;

import org.jspecify.annotations.NullMarked;
