/** WebSocket (RFC 6455) and its handshake. */
@NullMarked
package io.baton.worker.codec.websocket;

import org.jspecify.annotations.NullMarked;
