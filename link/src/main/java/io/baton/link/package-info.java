/**
 * The public API of Link, on the JDK alone: sessions of typed messages for a client and for a
 * service, and the way into a virtual machine ({@link io.baton.link.GuestDialer}).
 */
@NullMarked
package io.baton.link;

import org.jspecify.annotations.NullMarked;
