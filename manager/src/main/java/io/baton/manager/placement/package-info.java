/** Which worker gets a client: pure functions over a snapshot of the fleet. */
@NullMarked
package io.baton.manager.placement;

import org.jspecify.annotations.NullMarked;
