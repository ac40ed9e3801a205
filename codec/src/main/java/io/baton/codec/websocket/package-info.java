/** The part of a WebSocket service in the handshake (RFC 6455). */
@NullMarked
package io.baton.codec.websocket;

import org.jspecify.annotations.NullMarked;
