package io.baton.worker.codec.websocket;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.baton.worker.codec.CodecFuzz;
import java.util.ArrayList;
import java.util.List;

/**
 * Any bytes at all are messages or a mistake. Under {@code mvn verify} this runs its seeds; {@code
 * JAZZER_FUZZ=1 mvn test -pl worker -am -Dfuzz=WebSocketCodecFuzzTest} looks for more.
 */
class WebSocketCodecFuzzTest {
  private static final int MAX = 1000;

  /** A frame's header, a message as far as it came (packed, it may be longer), a ping. */
  private static final int MOST_KEPT = 2 * (14 + Deflate.longest(MAX)) + 131;

  private static final int MOST_FRAMES = 50;
  private static final int LONGEST = 200;

  @FuzzTest(maxDuration = "2m")
  void anyBytesAreMessagesOrAMistake(byte[] bytes) {
    check(bytes);
  }

  /** Most bytes are no frame; these are, of any kind and content. */
  @FuzzTest(maxDuration = "2m")
  void anyFramesAreMessagesOrAMistake(FuzzedDataProvider data) {
    List<Frames> frames = new ArrayList<>();
    while (data.remainingBytes() > 0 && frames.size() < MOST_FRAMES) {
      frames.add(Frames.frame(data.consumeByte() & 0xFF, data.consumeBytes(LONGEST)));
    }
    check(Frames.of(frames.toArray(Frames[]::new)));
  }

  private static void check(byte[] bytes) {
    CodecFuzz.check(new WebSocketCodec(MAX, true), Echo.service(), bytes, MOST_KEPT);
    CodecFuzz.check(new WebSocketCodec(MAX, false), Echo.service(), bytes, MOST_KEPT);
  }
}
