package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.service.CloseReason;
import io.baton.service.Peer;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.raw.RawCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class RejectedConnectionsTest {
  private static final Peer PEER = new Peer.Unix(1, 2);

  private final RejectedConnections turnedAway = new RejectedConnections();

  /** A codec whose goodbye a test decides; without words it fails. */
  private static final class Polite implements Codec<ByteBuf, ByteBuf> {
    private final String words;

    Polite(String words) {
      this.words = words;
    }

    @Override
    public Class<ByteBuf> in() {
      return ByteBuf.class;
    }

    @Override
    public Class<ByteBuf> out() {
      return ByteBuf.class;
    }

    @Override
    public int window() {
      return 1;
    }

    @Override
    public Flow install(CodecContext context) {
      return new Flow() {
        @Override
        public Phase phase() {
          return Phase.IDLE;
        }

        @Override
        public void resume() {
          throw new AssertionError("the window has opened");
        }

        @Override
        public Optional<Saved> save() {
          return Optional.empty();
        }

        @Override
        public void drain() {}

        @Override
        public void goodbye(CloseReason why) {
          assertThat(context.window().open()).isFalse();
          if (words.isEmpty()) {
            throw new IllegalStateException("speechless");
          }
          var _ =
              context
                  .pipeline()
                  .write(Unpooled.copiedBuffer(words + why, StandardCharsets.US_ASCII));
          context.window().end(why);
        }
      };
    }
  }

  private EmbeddedChannel turnAway(Codec<?, ?> codec) throws Exception {
    EmbeddedChannel channel = new EmbeddedChannel(DefaultChannelId.newInstance(), false, false);
    assertThat(turnedAway.equip(channel, codec, PEER)).isTrue();
    channel.register();
    return channel;
  }

  @Test
  void theCodecsLastWordsGoOutAndThenTheEnd() throws Exception {
    EmbeddedChannel channel = turnAway(new Polite("no room: "));
    ByteBuf out = channel.readOutbound();
    assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("no room: LIMIT");
    out.release();
    channel.finishAndReleaseAll();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aCodecWithoutAWordForItJustEnds() throws Exception {
    EmbeddedChannel channel = turnAway(new RawCodec());
    assertThat(channel.outboundMessages()).allMatch(Unpooled.EMPTY_BUFFER::equals);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aCodecThatFailsAtItLosesOnlyItsWords() throws Exception {
    EmbeddedChannel channel = turnAway(new Polite(""));
    channel.checkException();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void moreThanItsBoundAreNotEvenTold() throws Exception {
    List<EmbeddedChannel> channels = new ArrayList<>();
    for (int i = 0; i < RejectedConnections.MAX; i++) {
      EmbeddedChannel channel = new EmbeddedChannel(DefaultChannelId.newInstance(), false, false);
      assertThat(turnedAway.equip(channel, new RawCodec(), PEER)).isTrue();
      channels.add(channel);
    }
    EmbeddedChannel next = new EmbeddedChannel(DefaultChannelId.newInstance(), false, false);
    assertThat(turnedAway.equip(next, new RawCodec(), PEER)).isFalse();
    next.register();
    next.finishAndReleaseAll();

    channels.getFirst().register();
    assertThat(channels.getFirst().isOpen()).as("said goodbye").isFalse();
    turnAway(new RawCodec());
    for (EmbeddedChannel channel : channels.subList(1, channels.size())) {
      channel.register();
      assertThat(channel.isOpen()).isFalse();
    }
  }

  @Test
  void whoStillLingersIsClosedAtTheWorkersEnd() throws Exception {
    EmbeddedChannel channel = new EmbeddedChannel(DefaultChannelId.newInstance(), false, false);
    assertThat(turnedAway.equip(channel, new RawCodec(), PEER)).isTrue();
    // Its goodbye is not said yet.
    channel.pipeline().removeLast();
    channel.register();
    assertThat(channel.isOpen()).isTrue();
    turnedAway.abort();
    assertThat(channel.isOpen()).isFalse();
  }
}
