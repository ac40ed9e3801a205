package io.baton.worker.codec.frame;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.baton.worker.codec.CodecFuzz;
import io.netty.buffer.ByteBuf;

/**
 * Any bytes at all are frames or a mistake. Under {@code mvn verify} this runs its seeds; {@code
 * JAZZER_FUZZ=1 mvn test -pl worker -am -Dtest=FrameCodecFuzzTest} looks for more.
 */
class FrameCodecFuzzTest {
  private static final int MAX = 100;

  @FuzzTest(maxDuration = "2m")
  void anyBytesAreFramesOrAMistake(byte[] bytes) {
    CodecFuzz.check(
        new FrameCodec(MAX),
        (message, send) -> {
          send.accept(((ByteBuf) message).retainedDuplicate());
          return ((ByteBuf) message).toString(ISO_8859_1);
        },
        bytes,
        MAX + 4);
  }
}
