package io.baton.vsockframework;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.baton.worker.codec.CodecFuzz;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Any bytes at all are a session or a mistake. Under {@code mvn verify} this runs its seeds; {@code
 * JAZZER_FUZZ=1 mvn test -pl protocols/vsock-framework -am -Dtest=VsockFrameworkCodecFuzzTest}
 * looks for more.
 */
class VsockFrameworkCodecFuzzTest {
  private static final int MOST_KEPT = 28 + TestFramework.MAX_MESSAGE - 1;
  private static final int MOST_SENT = 8 * 1024;

  @FuzzTest(maxDuration = "2m")
  void anyBytesAreASessionOrAMistake(byte[] bytes) {
    CodecFuzz.check(TestFramework.CODEC, TestFramework.SILENT, bytes, MOST_KEPT);
  }

  /** As most bytes are no length, the bytes tell here which messages a client sends. */
  @FuzzTest(maxDuration = "2m")
  void anyMessagesAreReadOrMalformed(byte[] script) {
    ByteArrayOutputStream talk = new ByteArrayOutputStream();
    for (int at = 0; at < script.length && talk.size() < MOST_SENT; at++) {
      int length = script[at] & 0x3F;
      byte[] body = Arrays.copyOfRange(script, at, Math.min(at + length, script.length));
      talk.writeBytes(
          switch ((script[at] >>> 6) & 3) {
            case 0 -> TestFramework.frame((script[at] & 7) | 8, body);
            case 1 -> TestFramework.question();
            case 2 -> TestFramework.frame(length % 3, body);
            default -> body;
          });
      at += body.length;
      malformedOrNot(length % 3, body);
    }
    CodecFuzz.check(TestFramework.CODEC, TestFramework.SILENT, talk.toByteArray(), MOST_KEPT);
  }

  private static void malformedOrNot(int type, byte[] body) {
    try {
      Record read = TestFramework.TYPES.read(new FrameworkMessage(type, body));
      if (!Arrays.equals(TestFramework.TYPES.write(read, body.length).body(), body)) {
        throw new AssertionError(read + " is not written as it was read");
      }
    } catch (MalformedMessageException e) {
      // as most are
    }
  }
}
