package io.baton.worker.codec.websocket;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.baton.worker.codec.CodecFuzz;

/**
 * Any bytes at all are messages or a mistake. Under {@code mvn verify} this runs its seeds; {@code
 * JAZZER_FUZZ=1 mvn test -pl worker -am -Dtest=WebSocketCodecFuzzTest} looks for more.
 */
class WebSocketCodecFuzzTest {
  private static final int MAX = 1000;

  /** A frame's header, a message as far as it came (packed, it may be longer), a ping. */
  private static final int MOST_KEPT = 2 * (14 + Deflate.longest(MAX)) + 131;

  @FuzzTest(maxDuration = "2m")
  void anyBytesAreMessagesOrAMistake(byte[] bytes) {
    check(bytes);
  }

  static void check(byte[] bytes) {
    CodecFuzz.check(new WebSocketCodec(MAX, true), Echo.service(), bytes, MOST_KEPT);
    CodecFuzz.check(new WebSocketCodec(MAX, false), Echo.service(), bytes, MOST_KEPT);
  }
}
