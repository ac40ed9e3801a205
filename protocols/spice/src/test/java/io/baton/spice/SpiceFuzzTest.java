package io.baton.spice;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.baton.spice.testing.ClientWire;
import io.netty.handler.codec.DecoderException;
import io.netty.util.LeakPresenceDetector;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Any bytes at all are a link or its refusal, and on each channel messages or a mistake, wherever
 * they are cut. Under {@code mvn verify} this runs its seeds; {@code JAZZER_FUZZ=1 mvn test -pl
 * protocols/spice -am -Dtest=SpiceFuzzTest} looks for more.
 */
class SpiceFuzzTest {
  private static final SpiceCodec CODEC = new SpiceCodec(SpiceSettings.DEFAULT);

  /** Of a message that is not whole: the longest one, with its header. */
  private static final int MOST_KEPT = 64 * 1024 + SpiceChannel.FULL_HEADER;

  /** The first byte chooses what the others are sent to: a link, or a channel and its headers. */
  @FuzzTest(maxDuration = "2m")
  void anyBytesAreMessagesOrAMistake(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    int type = bytes[0] & 7;
    int headers = (bytes[0] & 8) == 0 ? ClientWire.COMMON : ClientWire.AUTH_SELECTION;
    byte[] rest = Arrays.copyOfRange(bytes, 1, bytes.length);
    if (type == 0 || type > ClientWire.CURSOR) {
      link(rest);
    } else {
      List<SpiceInput> whole = channel(type, headers, rest, new Random(0), false);
      List<SpiceInput> cut = channel(type, headers, rest, new Random(Arrays.hashCode(rest)), true);
      assertThat(withoutPositions(cut)).isEqualTo(withoutPositions(whole));
    }
    LeakPresenceDetector.check();
  }

  /** One position may stand for several. */
  private static List<SpiceInput> withoutPositions(List<SpiceInput> inputs) {
    return inputs.stream().filter(each -> !(each instanceof SpiceInput.PointerAt)).toList();
  }

  private static void link(byte[] bytes) {
    try (SimulatedServer server = new SimulatedServer(CODEC, null)) {
      SimulatedConnection connection = server.connect();
      for (byte each : bytes) {
        connection.reads(each);
        connection
            .flow
            .save()
            .ifPresent(saved ->
                assertThat(saved.unread().remaining())
                    .isLessThanOrEqualTo(LinkMessage.HEADER + LinkMessage.MAX_SIZE));
      }
      assertMistake(connection);
    }
  }

  private static List<SpiceInput> channel(
      int type, int headers, byte[] bytes, Random random, boolean cut) {
    try (SimulatedServer server = new SimulatedServer(CODEC, null)) {
      TestClient client = TestClient.open(server, 0, ClientWire.MAIN, headers, 0, "");
      SimulatedSession session = client.connection.session;
      if (type != ClientWire.MAIN) {
        int id = client.messages().getFirst().body().getInt(0);
        client = TestClient.open(server, id, type, headers, 0, "");
      }
      SimulatedConnection connection = client.connection;
      for (int at = 0; at < bytes.length; ) {
        int size = cut ? Math.min(1 + random.nextInt(64), bytes.length - at) : bytes.length;
        connection.reads(Arrays.copyOfRange(bytes, at, at + size));
        at += size;
        if (connection.failure == null && session.window.ended == null) {
          assertThat(connection.flow.save().orElseThrow().unread().remaining())
              .isLessThanOrEqualTo(MOST_KEPT);
          if (cut && random.nextInt(4) == 0) {
            server.move(session);
          }
        }
      }
      assertMistake(connection);
      return session.received;
    }
  }

  private static void assertMistake(SimulatedConnection connection) {
    if (connection.failure != null) {
      assertThat(connection.failure).isInstanceOf(DecoderException.class);
    }
  }
}
