package io.baton.codec;

import io.netty.buffer.ByteBuf;

/**
 * A user event that gives a connection over to another protocol, as after HTTP's Upgrade. The
 * runtime then ends the session with {@link io.baton.service.CloseReason#UPGRADED}, installs the
 * next codec and opens a session with a new service; all that has happened when the call returns.
 *
 * <p>A codec fires it on the event loop between messages, when it has written its last bytes and
 * removed its own handlers:
 *
 * <pre>
 *   pipeline.fireUserEventTriggered(new ProtocolSwitchEvent(next, unread));
 * </pre>
 *
 * @param next the protocol that is spoken from here on
 * @param unread bytes that have arrived already and belong to the next protocol; owned by the
 *     runtime from the call on
 */
public record ProtocolSwitchEvent(Protocol<?, ?> next, ByteBuf unread) {}
