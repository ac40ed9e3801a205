/**
 * A server of SPICE, the protocol of remote screens: a codec, and services that draw on a surface
 * and receive keys and mouse.
 */
@NullMarked
package io.baton.spice;

import org.jspecify.annotations.NullMarked;
