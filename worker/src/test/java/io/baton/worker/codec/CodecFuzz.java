package io.baton.worker.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Codec;
import io.baton.service.CloseReason;
import io.netty.util.LeakPresenceDetector;
import java.util.Arrays;
import java.util.Random;

/** What the fuzz targets of all codecs ask of any bytes. */
public final class CodecFuzz {

  private CodecFuzz() {}

  /**
   * Any bytes, in pieces of any size, end with the client's end or as its mistake; wherever they
   * are cut they mean the same; what is kept of them is bounded; nothing leaks.
   *
   * @param mostKept bytes of a message that is not whole
   */
  public static void check(
      Codec<?, ?> codec, CutAnywhere.Answering service, byte[] bytes, int mostKept) {
    CutAnywhere cut = new CutAnywhere(codec, service);
    assertThat(cut.uncut(bytes).end()).isIn(CloseReason.CLIENT, CloseReason.PROTOCOL);
    long seed = Arrays.hashCode(bytes);
    cut.bySeed(bytes, seed);
    keepsLittle(codec, service, bytes, new Random(seed), mostKept);
    LeakPresenceDetector.check();
  }

  private static void keepsLittle(
      Codec<?, ?> codec, CutAnywhere.Answering service, byte[] bytes, Random random, int mostKept) {
    try (RecordedSession connection = new RecordedSession(codec, service)) {
      for (int at = 0; at < bytes.length; ) {
        int size = Math.min(1 + random.nextInt(64), bytes.length - at);
        connection.read(bytes, at, at + size);
        at += size;
        connection
            .flow()
            .save()
            .ifPresent(
                saved -> assertThat(saved.unread().remaining()).isLessThanOrEqualTo(mostKept));
      }
      assertThat(connection.finish().end()).isIn(CloseReason.CLIENT, CloseReason.PROTOCOL);
    }
  }
}
