package io.baton.link;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SocketChannel;

/**
 * A stream between the host and a service in a guest. The channel is an ordinary one and may be
 * used as its Javadoc says.
 *
 * @param channel connected and blocking; the first byte that it reads is the guest's first
 * @param hostPort the vsock port that the host's end was given, unsigned and of 32 bits; to the
 *     guest this client is {@code vsock:2:} and this number
 */
public record GuestConnection(SocketChannel channel, long hostPort) implements Closeable {
  /** Closes the channel. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
