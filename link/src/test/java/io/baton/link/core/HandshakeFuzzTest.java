package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/**
 * Any bytes in any pieces are a handshake or refused, on either side, and never a session: nobody
 * guesses a proof. What is kept of them is bounded. The first byte says how large the pieces are.
 * Under {@code mvn verify} this runs its seeds; {@code JAZZER_FUZZ=1 mvn test -pl link -am
 * -Dtest=HandshakeFuzzTest} looks for more.
 */
class HandshakeFuzzTest {
  /** A frame of 8 KiB, in an array that doubles, and a refusal. */
  private static final int MOST_KEPT = 2 * 8_196 + 2_048;

  /** A list of services is one frame of any length. */
  private static final int MOST_LISTED = 2 * 65_539 + 8_192;

  @FuzzTest(maxDuration = "2m")
  void anyBytesAreAHandshakeOrRefused(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    Random random = new Random(1);
    ServerHandshake server = new ServerHandshake(Limits.DEFAULT, random);
    ClientHandshake client =
        ClientHandshake.open("chat", Handshakes.TOKEN, new byte[0], Limits.DEFAULT, random);
    ServicesQuery query = new ServicesQuery(new byte[0]);
    int most = 1 + (bytes[0] & 0xFF);
    for (int at = 1; at < bytes.length; at += most) {
      int size = Math.min(most, bytes.length - at);
      serve(server, ByteBuffer.wrap(bytes, at, size));
      client.read(ByteBuffer.wrap(bytes, at, size));
      query.read(ByteBuffer.wrap(bytes, at, size));
      assertThat(server.buffered()).isLessThan(MOST_KEPT);
      assertThat(client.buffered()).isLessThan(MOST_KEPT);
      assertThat(query.buffered()).isLessThan(MOST_LISTED);
    }
    assertThat(server.state()).isNotIn(ServerHandshake.State.PROVEN);
    assertThat(client.read(ByteBuffer.allocate(0))).isNotEqualTo(ClientHandshake.State.WELCOMED);
  }

  private static void serve(ServerHandshake server, ByteBuffer from) {
    while (from.hasRemaining() && server.state() != ServerHandshake.State.ENDED) {
      int before = from.remaining();
      if (server.read(from) == ServerHandshake.State.ASKED) {
        switch (server.request()) {
          case Request.Hello hello when hello.resume() == null ->
              server.challenge(List.of(Handshakes.TOKEN), null);
          case Request.Hello hello ->
              server.refuse(
                  LinkCode.NO_SUCH_SESSION, 0, hello.service(), List.of(Handshakes.TOKEN));
          case Request.Services ignored -> server.services(List.of("chat"));
        }
      }
      assertThat(from.remaining()).isLessThan(before);
    }
  }
}
