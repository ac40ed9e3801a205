package io.baton.link.client;

import io.baton.service.Peer;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A connection over a blocking channel: TCP, a Unix socket, or a virtual machine behind one. */
final class SocketConnection implements LinkConnection {
  private final SocketChannel channel;
  private final Peer peer;

  /**
   * Takes the channel over.
   *
   * @param channel connected and blocking
   */
  SocketConnection(SocketChannel channel, Peer peer) {
    this.channel = channel;
    this.peer = peer;
  }

  /** Returns the socket, for a cover over it. */
  Socket socket() {
    return channel.socket();
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    return channel.read(to);
  }

  @Override
  public void write(ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      channel.write(from);
    }
  }

  @Override
  public Peer peer() {
    return peer;
  }

  @Override
  public void close() {
    LinkConnection.closeQuietly(channel);
  }
}
