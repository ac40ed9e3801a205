package io.baton.worker.codec.frame;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.CloseReason;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.CutAnywhere;
import io.baton.worker.codec.CutAnywhere.Outcome;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
final class FrameCodecTest {
  private static final int MAX = 300;

  private final CutAnywhere echo =
      new CutAnywhere(
          new FrameCodec(MAX),
          (message, send) -> {
            ByteBuf bytes = (ByteBuf) message;
            send.accept(bytes.retainedDuplicate());
            return bytes.toString(ISO_8859_1);
          });

  private Outcome talk(String bytes) {
    return echo.uncut(bytes.getBytes(ISO_8859_1));
  }

  @Test
  void aMessageIsBehindItsLengthBothWays() {
    String talk = "\0\0\0\5hello\0\0\0\0\0\0\0\1!";
    Outcome outcome = talk(talk);
    assertThat(outcome.messages()).containsExactly("hello", "", "!");
    assertThat(outcome.output()).isEqualTo(talk);
    assertThat(outcome.end()).isEqualTo(CloseReason.CLIENT);
  }

  @Test
  void theLongestMessageIsTaken() {
    assertThat(talk("\0\0\1," + "x".repeat(MAX)).messages()).containsExactly("x".repeat(MAX));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\0\0\1-", "\u007F\u00FF\u00FF\u00FF", "\u0080\0\0\0", "\u00FF\u00FF\u00FF\u00FF"})
  void aLengthAboveTheBoundEndsTheSessionBeforeAnythingOfItCame(String length) {
    Outcome outcome = talk("\0\0\0\2ok" + length);
    assertThat(outcome.messages()).containsExactly("ok");
    assertThat(outcome.end()).isEqualTo(CloseReason.PROTOCOL);
  }

  @Test
  void whatIsNotWholeAtTheEndIsNoMessage() {
    assertThat(talk("\0\0\0\2ok\0\0\0\5hell").messages()).containsExactly("ok");
    assertThat(talk("\0\0\0\5hell").end()).isEqualTo(CloseReason.CLIENT);
  }

  @Test
  void movesAnywhere() {
    byte[] talk = "\0\0\0\5hello\0\0\0\0\0\0\0\1!\0\0\0\7rest".getBytes(ISO_8859_1);
    assertThat(echo.everyCut(talk)).isEmpty();
    echo.randomly(talk, 300);
  }
}
