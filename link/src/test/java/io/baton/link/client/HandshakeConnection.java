package io.baton.link.client;

import io.baton.link.core.Limits;
import io.baton.link.core.LinkCore;
import io.baton.link.core.ServerHandshake;
import io.baton.service.Peer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A connection to a server in memory that answers a handshake, and nothing else. */
final class HandshakeConnection implements LinkConnection {
  private final ServerHandshake server = new ServerHandshake(Limits.DEFAULT, new Random(1));
  private final Consumer<ServerHandshake> answer;
  private final @Nullable LinkCore known;
  boolean closed;

  /**
   * Begins a connection.
   *
   * @param answer to the client's HELLO; may do nothing, then the client is welcome
   * @param known the session that it resumes
   */
  HandshakeConnection(Consumer<ServerHandshake> answer, @Nullable LinkCore known) {
    this.answer = answer;
    this.known = known;
  }

  ServerHandshake server() {
    return server;
  }

  @Override
  public int read(ByteBuffer to) {
    int n = server.pending() ? server.write(to) : 0;
    return n == 0 ? -1 : n;
  }

  @Override
  public void write(ByteBuffer from) throws IOException {
    if (closed) {
      throw new IOException("closed");
    }
    server.read(from);
    if (server.state() == ServerHandshake.State.ASKED) {
      answer.accept(server);
    }
    if (server.state() == ServerHandshake.State.ASKED) {
      server.challenge(List.of(), known);
    }
    if (server.state() == ServerHandshake.State.PROVEN) {
      if (known == null) {
        server.welcome(new byte[16], 60_000);
      } else {
        server.welcome(60_000);
      }
    }
  }

  @Override
  public Peer peer() {
    return new Peer.Unix(1, 1);
  }

  @Override
  public void close() {
    closed = true;
  }
}
