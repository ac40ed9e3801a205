package io.baton.worker.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.baton.codec.Saved;
import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SavedSessionTest {
  private static final SavedSession SESSION =
      new SavedSession(
          "/pulse sub",
          new Saved("websocket", 7, bytes(1), bytes(2, 3)),
          bytes(4, 5, 6),
          bytes(7, 8, 9, 10));

  private static ByteBuffer bytes(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length);
    for (int value : values) {
      bytes.put((byte) value);
    }
    return bytes.flip();
  }

  @Test
  void whatIsEncodedIsDecodedToTheSame() {
    assertThat(SavedSession.decode(SESSION.encode())).isEqualTo(SESSION);
    SavedSession empty = new SavedSession("", Saved.unread("raw", 1, bytes()), bytes(), bytes());
    assertThat(SavedSession.decode(empty.encode())).isEqualTo(empty);
  }

  @Test
  void aPieceOfItIsRefused() {
    ByteBuffer encoded = SESSION.encode();
    for (int length = 0; length < encoded.limit(); length++) {
      ByteBuffer piece = encoded.slice(0, length);
      assertThatThrownBy(() -> SavedSession.decode(piece))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void moreThanItIsRefused() {
    ByteBuffer encoded = SESSION.encode();
    ByteBuffer more = ByteBuffer.allocate(encoded.limit() + 1).put(encoded).rewind();
    assertThatThrownBy(() -> SavedSession.decode(more))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a saved session with 1 bytes too many");
  }

  @Test
  void anotherVersionIsRefused() {
    ByteBuffer other = SESSION.encode().put(0, (byte) 2);
    assertThatThrownBy(() -> SavedSession.decode(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a session saved in version 2; read is version 1");
  }

  @Test
  void anyBytesAreReadOrRefused() {
    long seed = Seeds.one(SavedSessionTest.class);
    Random random = new Random(seed);
    int rounds = Nightly.of(10_000_000, 100_000);
    for (int round = 0; round < rounds; round++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = random.nextInt(3) > 0 ? 0 : (byte) (bytes[i] & 15); // lengths that may fit
      }
      if (bytes.length > 0) {
        bytes[0] = 1;
      }
      try {
        assertThat(SavedSession.decode(ByteBuffer.wrap(bytes)).encode())
            .isEqualByComparingTo(ByteBuffer.wrap(bytes));
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageStartingWith("a s");
      } catch (RuntimeException e) {
        fail("seed " + seed + ", round " + round, e);
      }
    }
  }
}
