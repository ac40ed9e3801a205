package io.baton.worker.codec.line;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.baton.worker.codec.CodecFuzz;

/**
 * Any bytes at all are lines or a mistake. Under {@code mvn verify} this runs its seeds; {@code
 * JAZZER_FUZZ=1 mvn test -pl worker -am -Dtest=LineCodecFuzzTest} looks for more.
 */
class LineCodecFuzzTest {
  private static final int MAX = 100;

  @FuzzTest(maxDuration = "2m")
  void anyBytesAreLinesOrAMistake(byte[] bytes) {
    CodecFuzz.check(
        new LineCodec(MAX),
        (line, send) -> {
          send.accept(line);
          return (String) line;
        },
        bytes,
        MAX + 1);
  }
}
