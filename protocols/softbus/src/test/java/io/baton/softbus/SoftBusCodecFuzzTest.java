package io.baton.softbus;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.baton.softbus.wire.FrameSealer;
import io.baton.worker.codec.CodecFuzz;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Any bytes at all are a session or a mistake. Under {@code mvn verify} this runs its seeds; {@code
 * JAZZER_FUZZ=1 mvn test -pl protocols/softbus -am -Dtest=SoftBusCodecFuzzTest} looks for more.
 */
class SoftBusCodecFuzzTest {
  private static final int MOST_KEPT = 4095;

  @FuzzTest(maxDuration = "2m")
  void anyBytesAreASessionOrAMistake(byte[] bytes) {
    CodecFuzz.check(TestBus.CODEC, TestBus.ECHO, bytes, MOST_KEPT);
  }

  /** As nobody guesses a tag, the bytes tell here what a client with the key does. */
  @FuzzTest(maxDuration = "2m")
  void anyFramesUnderTheKeyAreASessionOrAMistake(byte[] script) {
    FrameSealer sealer = new FrameSealer(TestBus.SESSION_KEY, TestBus.ZEROS, 0);
    ByteArrayOutputStream talk = new ByteArrayOutputStream();
    talk.writeBytes(TestBus.first("a"));
    byte[] last = new byte[0];
    for (int at = 0; at < script.length && talk.size() < 8 * 1024; at++) {
      int length = 1 + (script[at] & 0x3F);
      byte[] data = Arrays.copyOfRange(script, at, Math.min(at + length, script.length));
      switch (script[at] >>> 6 & 3) {
        case 0 -> last = sealer.seal(data);
        case 1 -> last = changed(sealer.seal(data), length);
        case 2 -> last = data;
        default -> {
          // the last one again
        }
      }
      talk.writeBytes(last);
      at += data.length - 1;
    }
    CodecFuzz.check(TestBus.CODEC, TestBus.ECHO, talk.toByteArray(), MOST_KEPT);
  }

  private static byte[] changed(byte[] frame, int at) {
    frame[at % frame.length] ^= 1;
    return frame;
  }
}
