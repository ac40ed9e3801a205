package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Whole handshakes between a client and a server in one process. */
final class Handshakes {
  static final byte[] ID = "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  static final byte[] TOKEN =
      "the token of the tests".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  static final byte[] NO_CREDENTIAL = {};
  static final long GRACE_MS = 30_000;

  private Handshakes() {}

  /** Both sides of a session. */
  record Pair(LinkCore client, LinkCore server) {}

  static Pair open(Limits client, Limits server, Random random) {
    ClientHandshake c = ClientHandshake.open("chat", TOKEN, NO_CREDENTIAL, client, random);
    ServerHandshake s = new ServerHandshake(server, random);
    run(c, s, List.of(TOKEN), null);
    return new Pair(c.core(), s.core());
  }

  static ClientHandshake.State resume(LinkCore client, LinkCore server, Random random) {
    ClientHandshake c = ClientHandshake.resume(client, TOKEN, NO_CREDENTIAL, random);
    ServerHandshake s = new ServerHandshake(server.limits(), random);
    run(c, s, List.of(TOKEN), server);
    return c.read(ByteBuffer.allocate(0));
  }

  /** Carries the bytes of both until neither has more, and does what a server's driver does. */
  static void run(
      ClientHandshake client,
      ServerHandshake server,
      List<byte[]> tokens,
      @Nullable LinkCore known) {
    while (client.pending() || server.pending()) {
      server.read(from(client));
      if (server.state() == ServerHandshake.State.ASKED) {
        server.challenge(tokens, known);
      } else if (server.state() == ServerHandshake.State.PROVEN) {
        if (known == null) {
          server.welcome(ID, GRACE_MS);
        } else {
          server.welcome(GRACE_MS);
        }
      }
      client.read(from(server));
    }
  }

  static ByteBuffer from(ClientHandshake client) {
    ByteBuffer bytes = ByteBuffer.allocate(8_192);
    client.write(bytes);
    return bytes.flip();
  }

  static ByteBuffer from(ServerHandshake server) {
    ByteBuffer bytes = ByteBuffer.allocate(8_192);
    server.write(bytes);
    return bytes.flip();
  }
}
