/** The example of a screen: the state of its worker, and an area to scribble on. */
@NullMarked
package io.baton.spice.dashboard;

import org.jspecify.annotations.NullMarked;
