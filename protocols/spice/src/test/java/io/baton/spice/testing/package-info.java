/** A client of SPICE for tests. */
@NullMarked
package io.baton.spice.testing;

import org.jspecify.annotations.NullMarked;
