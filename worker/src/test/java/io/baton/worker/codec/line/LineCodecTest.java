package io.baton.worker.codec.line;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.CloseReason;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.CutAnywhere;
import io.baton.worker.codec.CutAnywhere.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
final class LineCodecTest {
  private static final int MAX = 10;

  /** Says each line back in brackets. */
  private final CutAnywhere cut =
      new CutAnywhere(
          new LineCodec(MAX),
          (line, send) -> {
            send.accept("<" + line + ">");
            return (String) line;
          });

  private Outcome talk(String text) {
    return cut.uncut(text.getBytes(UTF_8));
  }

  @Test
  void aLineEndsWithLfOrCrLf() {
    Outcome outcome = talk("one\ntwo\r\n\n\r\nthree\n");
    assertThat(outcome.messages()).containsExactly("one", "two", "", "", "three");
    assertThat(outcome.output()).isEqualTo("<one>\n<two>\n<>\n<>\n<three>\n");
    assertThat(outcome.end()).isEqualTo(CloseReason.CLIENT);
  }

  @Test
  void aCrElsewhereIsText() {
    assertThat(talk("a\rb\r\r\n").messages()).containsExactly("a\rb\r");
  }

  @Test
  void linesAreUtf8BothWays() {
    Outcome outcome = talk("Grüß €\n");
    assertThat(outcome.messages()).containsExactly("Grüß €");
    assertThat(outcome.output().getBytes(ISO_8859_1)).isEqualTo("<Grüß €>\n".getBytes(UTF_8));
  }

  @Test
  void whatHasNoEndIsNoLine() {
    Outcome outcome = talk("one\ntw");
    assertThat(outcome.messages()).containsExactly("one");
    assertThat(outcome.end()).isEqualTo(CloseReason.CLIENT);
  }

  @Test
  void theLongestLineMayEndWithCrLf() {
    assertThat(talk("0123456789\n0123456789\r\n").messages())
        .containsExactly("0123456789", "0123456789");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0123456789a", "0123456789a\n", "0123456789\ra", "0123456789a\r\n"})
  void aLineTooLongEndsTheSessionEvenBeforeItsEndCame(String text) {
    Outcome outcome = talk("ok\n" + text);
    assertThat(outcome.messages()).containsExactly("ok");
    assertThat(outcome.end()).isEqualTo(CloseReason.PROTOCOL);
  }

  @Test
  void whatIsNotUtf8EndsTheSession() {
    assertThat(cut.uncut("ok\n\u00C3(\nmore\n".getBytes(ISO_8859_1)).messages())
        .containsExactly("ok");
    assertThat(cut.uncut("\u00C3(\n".getBytes(ISO_8859_1)).end()).isEqualTo(CloseReason.PROTOCOL);
  }

  @Test
  void movesAnywhere() {
    byte[] talk = "one\r\n\nGrüße\n\r\ntwo\rtwo\nrest".getBytes(UTF_8);
    assertThat(cut.everyCut(talk)).isEmpty();
    cut.randomly(talk, 300);
  }
}
