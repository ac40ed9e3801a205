package io.baton.worker.codec.websocket;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames of any kind and content are messages or a mistake; {@link WebSocketCodecFuzzTest} finds
 * few bytes that are frames. Under {@code mvn verify} this runs its seeds; {@code JAZZER_FUZZ=1 mvn
 * test -pl worker -am -Dtest=WebSocketFramesFuzzTest} looks for more.
 */
class WebSocketFramesFuzzTest {
  private static final int MOST_FRAMES = 50;
  private static final int LONGEST = 200;

  @FuzzTest(maxDuration = "2m")
  void anyFramesAreMessagesOrAMistake(FuzzedDataProvider data) {
    List<Frames> frames = new ArrayList<>();
    while (data.remainingBytes() > 0 && frames.size() < MOST_FRAMES) {
      frames.add(Frames.frame(data.consumeByte() & 0xFF, data.consumeBytes(LONGEST)));
    }
    WebSocketCodecFuzzTest.check(Frames.of(frames.toArray(Frames[]::new)));
  }
}
