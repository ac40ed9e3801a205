package io.baton.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.codec.TestWindow;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class NulCodecTest {
  private static final int MAX_LENGTH = 10;

  private final NulCodec codec = new NulCodec(MAX_LENGTH);
  private final TestWindow window = new TestWindow();
  private EmbeddedChannel channel = new EmbeddedChannel();
  private Flow flow = codec.install(CodecContext.of(channel.pipeline(), window, null));

  @AfterEach
  void end() {
    channel.finishAndReleaseAll();
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }

  private List<String> received() {
    List<String> all = new ArrayList<>();
    for (@Nullable String next = channel.readInbound();
        next != null;
        next = channel.readInbound()) {
      all.add(next);
    }
    return all;
  }

  @Test
  void messagesEndWithAZeroHoweverTheyArrive() {
    channel.writeInbound(bytes("one\0two\0\0th"));
    assertThat(received()).containsExactly("one", "two", "");
    assertThat(flow.phase()).isEqualTo(Flow.Phase.HEAD);
    channel.writeInbound(bytes("ree\0"));
    assertThat(received()).containsExactly("three");
    assertThat(flow.phase()).isEqualTo(Flow.Phase.IDLE);
  }

  @Test
  void whatIsSentEndsWithAZero() {
    channel.writeOutbound("été");
    ByteBuf sent = channel.readOutbound();
    assertThat(sent.toString(StandardCharsets.UTF_8)).isEqualTo("été\0");
    sent.release();
  }

  @Test
  void nothingIsHandedOutWhileTheWindowIsShut() {
    window.open = false;
    channel.writeInbound(bytes("one\0two\0"));
    assertThat(received()).isEmpty();
    window.open = true;
    flow.resume();
    assertThat(received()).containsExactly("one", "two");
  }

  @Test
  void whatWasNotHandedOutGoesAlongWhenTheSessionMoves() {
    window.open = false;
    channel.writeInbound(bytes("one\0tw"));
    Saved saved = flow.save().orElseThrow();
    end();

    window.open = true;
    channel = new EmbeddedChannel();
    flow = codec.install(CodecContext.of(channel.pipeline(), window, saved));
    channel.writeInbound(Unpooled.wrappedBuffer(saved.unread()));
    channel.writeInbound(bytes("o\0"));
    assertThat(received()).containsExactly("one", "two");
  }

  @Test
  void aMessageThatIsTooLongIsRefusedBeforeItsEnd() {
    channel.writeInbound(bytes("0123456789"));
    assertThatExceptionOfType(TooLongFrameException.class)
        .isThrownBy(() -> channel.writeInbound(bytes("0")))
        .withMessageContaining("10 bytes");
  }
}
