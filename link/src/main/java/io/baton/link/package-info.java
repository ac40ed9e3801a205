/**
 * The public API of Link, on the JDK alone: sessions of typed messages, which client and service
 * share, the client ({@link io.baton.link.Link}), and the way into a virtual machine ({@link
 * io.baton.link.GuestDialer}).
 */
@NullMarked
package io.baton.link;

import org.jspecify.annotations.NullMarked;
