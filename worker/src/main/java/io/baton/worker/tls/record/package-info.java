/**
 * The record layer of TLS 1.3 (RFC 8446, 5) once the handshake is over: what it needs to know is so
 * little that a connection can move to another process with it.
 */
@NullMarked
package io.baton.worker.tls.record;

import org.jspecify.annotations.NullMarked;
