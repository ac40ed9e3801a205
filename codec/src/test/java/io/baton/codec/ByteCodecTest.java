package io.baton.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ByteCodecTest {
  private final TestWindow window = new TestWindow();
  private final EmbeddedChannel channel = new EmbeddedChannel();

  /** Pairs of bytes. */
  private static final class Pairs extends ByteCodec<ByteBuf, ByteBuf> {
    Pairs(int window, Flow.Phase partial) {
      super("pairs", 2, ByteBuf.class, ByteBuf.class, window, partial);
    }

    @Override
    protected WindowedDecoder decoder(Window window) {
      return new WindowedDecoder(window) {
        @Override
        protected int messageLength(ByteBuf in) {
          return in.readableBytes() < 2 ? INCOMPLETE : 2;
        }

        @Override
        protected ByteBuf readMessage(ByteBuf in, int length) {
          return cut(in, length);
        }
      };
    }
  }

  @AfterEach
  void releases() {
    channel.finishAndReleaseAll();
    LeakPresenceDetector.check();
  }

  private Flow install(@Nullable Saved saved) {
    return new Pairs(4, Flow.Phase.BODY)
        .install(CodecContext.of(channel.pipeline(), window, saved));
  }

  private void read(String bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.US_ASCII));
  }

  private List<String> received() {
    List<String> all = new ArrayList<>();
    for (@Nullable ByteBuf next = channel.readInbound();
        next != null;
        next = channel.readInbound()) {
      all.add(next.toString(StandardCharsets.US_ASCII));
      next.release();
    }
    return all;
  }

  @Test
  void thePhaseFollowsTheBytes() {
    Flow flow = install(null);
    assertThat(flow.phase()).isEqualTo(Flow.Phase.IDLE);
    read("a");
    assertThat(flow.phase()).isEqualTo(Flow.Phase.BODY);
    window.open = false;
    read("b");
    assertThat(flow.phase()).isEqualTo(Flow.Phase.ANSWER);
    window.open = true;
    flow.resume();
    assertThat(flow.phase()).isEqualTo(Flow.Phase.IDLE);
    assertThat(received()).containsExactly("ab");
    assertThat(window.held).isZero();
  }

  @Test
  void aSessionIsSavedAsItsUndecodedBytes() {
    Flow flow = install(null);
    read("abc");
    assertThat(received()).containsExactly("ab");
    Saved saved = flow.save().orElseThrow();
    assertThat(saved)
        .isEqualTo(
            Saved.unread("pairs", 2, ByteBuffer.wrap("c".getBytes(StandardCharsets.US_ASCII))));
  }

  @Test
  void aSavedSessionOfTheSameVersionIsAccepted() {
    install(Saved.unread("pairs", 2, ByteBuffer.allocate(0)));
    read("ab");
    assertThat(received()).containsExactly("ab");
  }

  @ParameterizedTest
  @CsvSource({"pairs, 1", "pairs, 3", "raw, 2"})
  void aSessionSavedByAnotherCodecOrVersionIsRefused(String codec, int version) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> install(Saved.unread(codec, version, ByteBuffer.allocate(0))))
        .withMessageContaining("saved by %s in version %d".formatted(codec, version))
        .withMessageContaining("pairs in version 2");
    assertThat(channel.pipeline().names()).hasSize(1); // Netty's own tail
  }

  @Test
  void withoutAnEncoderBuffersAreWrittenAsTheyAre() {
    install(null);
    ByteBuf bytes = Unpooled.copiedBuffer("x", StandardCharsets.US_ASCII);
    channel.writeOutbound(bytes);
    ByteBuf written = channel.readOutbound();
    assertThat(written).isSameAs(bytes);
    bytes.release();
  }

  @Test
  void aCodecWithoutAWindowOrWithAnAnswerAsPartIsAMistake() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Pairs(0, Flow.Phase.IDLE))
        .withMessageContaining("pairs is 0 messages; allowed: 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Pairs(1, Flow.Phase.ANSWER))
        .withMessageContaining("ANSWER");
  }
}
