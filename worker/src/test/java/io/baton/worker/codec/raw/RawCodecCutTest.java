package io.baton.worker.codec.raw;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.CloseReason;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.CutAnywhere;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class RawCodecCutTest {
  private static final String TALK = "whatever the client says";

  private final CutAnywhere cut =
      new CutAnywhere(
              new RawCodec(),
              (message, send) -> {
                ByteBuf bytes = (ByteBuf) message;
                send.accept(bytes.retainedDuplicate());
                return bytes.toString(ISO_8859_1);
              })
          .messagesAreReads();

  @Test
  void movesAnywhere() {
    assertThat(cut.everyCut(TALK.getBytes(ISO_8859_1))).isEmpty();
    cut.randomly(TALK.getBytes(ISO_8859_1), 200);
  }

  @Test
  void echoes() {
    assertThat(cut.uncut(TALK.getBytes(ISO_8859_1)).output()).isEqualTo(TALK);
    assertThat(cut.uncut(TALK.getBytes(ISO_8859_1)).end()).isEqualTo(CloseReason.CLIENT);
  }
}
