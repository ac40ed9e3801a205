package io.baton.worker.codec.raw;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.baton.worker.codec.CutAnywhere;
import io.netty.buffer.ByteBuf;
import io.netty.util.LeakPresenceDetector;
import java.util.Arrays;

/**
 * Any bytes at all come as they are. Under {@code mvn verify} this runs its seeds; {@code
 * JAZZER_FUZZ=1 mvn test -pl worker -am -Dtest=RawCodecFuzzTest} looks for more.
 */
class RawCodecFuzzTest {

  @FuzzTest(maxDuration = "2m")
  void anyBytesComeAsTheyAre(byte[] bytes) {
    new CutAnywhere(
            new RawCodec(),
            (message, send) -> {
              ByteBuf piece = (ByteBuf) message;
              send.accept(piece.retainedDuplicate());
              return piece.toString(ISO_8859_1);
            })
        .messagesAreReads()
        .bySeed(bytes, Arrays.hashCode(bytes));
    LeakPresenceDetector.check();
  }
}
