package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.TooLongHttpContentException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkScannerTest {
  private static final int MAX_LINE = 4_096;
  private static final int MAX_TRAILERS = 1_000;
  private static final long ROOM = 1_000;

  private final ByteBuf in = Unpooled.buffer();
  private final ChunkScanner scanner = new ChunkScanner(new HeadScanner(MAX_LINE, MAX_TRAILERS));

  private boolean comes(String text) {
    in.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    return scanner.ready(in, ROOM);
  }

  /** As the decoder does. */
  private void decoded(int bytes) {
    in.skipBytes(bytes);
    scanner.consumed(bytes);
  }

  private void chunk(String extension, int size) {
    String chunk = Integer.toHexString(size) + extension + "\r\n" + "x".repeat(size) + "\r\n";
    assertThat(comes(chunk)).isTrue();
    decoded(chunk.length());
  }

  @Test
  void aLineWaitsUntilItIsWholeAndItsContentDoesNot() {
    assertThat(comes("3")).isFalse();
    assertThat(comes(";a\r")).isFalse();
    assertThat(comes("\n")).isTrue();
    decoded("3;a\r\n".length());
    assertThat(scanner.ready(in, ROOM)).as("the decoder knows what to wait for").isTrue();
    assertThat(comes("abc\r")).isTrue();
    decoded(3);
    assertThat(comes("\n1")).isTrue();
    decoded(2);
    assertThat(scanner.ready(in, ROOM)).as("the next line").isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3e9", "3E9", "100000000", "fffffffffffffff", "10000000000000000000"})
  void aChunkThatIsLongerThanTheBodyMayBecomeIsRefusedBeforeItComes(String size) {
    assertThatExceptionOfType(TooLongHttpContentException.class)
        .isThrownBy(() -> comes(size + "\r\n"));
  }

  @Test
  void oneThatFitsExactlyIsNot() {
    assertThat(comes("0000000000000003e8\r\n")).isTrue();
  }

  @Test
  void theSmallestChunksAreFine() {
    for (int i = 0; i < 100_000; i++) {
      chunk("", 1);
      in.clear();
    }
  }

  @Test
  void extensionsAreFineAsLongAsThereIsMoreContent() {
    for (int i = 0; i < 10_000; i++) {
      chunk(";signature=" + "s".repeat(200), 500);
      in.clear();
    }
  }

  @Test
  void chunksThatAreNearlyAllExtensionAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> {
          for (int i = 0; i < 10; i++) {
            chunk(";" + "x".repeat(4_000), 1);
          }
        })
        .withMessage("chunks with little content");
  }

  @Test
  void aLineWithoutEndIsRefused() {
    assertThatExceptionOfType(TooLongHttpLineException.class)
        .isThrownBy(() -> comes("1;" + "x".repeat(MAX_LINE)));
  }

  private void lastChunk() {
    assertThat(comes("0\r\n")).isTrue();
    decoded(3);
  }

  @Test
  void trailersWaitUntilTheyAreWhole() {
    lastChunk();
    assertThat(comes("A: b\r\nC")).isFalse();
    assertThat(comes(": d\r\n")).isFalse();
    assertThat(comes("\r\n")).isTrue();
  }

  @Test
  void noTrailersAreWholeAtOnce() {
    lastChunk();
    assertThat(comes("\r\n")).isTrue();
  }

  @Test
  void trailersHaveTheBoundsOfAHead() {
    lastChunk();
    assertThatExceptionOfType(TooLongHttpHeaderException.class)
        .isThrownBy(() -> comes("A: b\r\n".repeat(HeadScanner.MAX_HEADERS + 1)));
  }

  @Test
  void longTrailersAreRefused() {
    lastChunk();
    assertThatExceptionOfType(TooLongHttpHeaderException.class)
        .isThrownBy(() -> comes("A: " + "b".repeat(MAX_TRAILERS)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"A: b\r\n c\r\n\r\n", "A: b\n\r\n", " A: b\r\n\r\n"})
  void trailersHaveTheRulesOfAHead(String trailers) {
    lastChunk();
    assertThatIllegalArgumentException().isThrownBy(() -> comes(trailers));
  }
}
