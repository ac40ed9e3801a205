/**
 * The core of Link, Baton's session protocol, as docs/PROTOCOLS.md specifies it: bytes in, bytes
 * and events out. It has no channel, thread or clock; client and server use the same classes.
 */
@NullMarked
package io.baton.link.core;

import org.jspecify.annotations.NullMarked;
