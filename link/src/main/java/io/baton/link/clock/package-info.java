/**
 * The estimate of the other side's clock: bounds on its offset that hold whatever the delays were.
 */
@NullMarked
package io.baton.link.clock;

import org.jspecify.annotations.NullMarked;
