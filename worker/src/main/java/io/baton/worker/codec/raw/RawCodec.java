package io.baton.worker.codec.raw;

import io.baton.service.CloseReason;
import io.baton.worker.codec.Codec;
import io.baton.worker.codec.Flow;
import io.baton.worker.codec.Saved;
import io.baton.worker.codec.Window;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Each message is what one read brought. Knows no requests, so a drain lets the client finish. */
public final class RawCodec implements Codec<ByteBuf, ByteBuf> {
  private static final int WINDOW = 8;

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
    return WINDOW;
  }

  @Override
  public Flow install(ChannelPipeline pipeline, Window window, @Nullable Saved saved) {
    Gate gate = new Gate(window);
    pipeline.addLast(gate);
    return new RawFlow(gate);
  }

  private record RawFlow(Gate gate) implements Flow {
    @Override
    public void resume() {
      gate.resume();
    }

    @Override
    public Phase phase() {
      return Phase.IDLE;
    }

    @Override
    public Optional<Saved> save() {
      return Optional.of(Saved.unread("raw", 1, gate.unread()));
    }

    @Override
    public void drain() {
      // Where a conversation ends is between client and service.
    }

    @Override
    public void goodbye(CloseReason why) {
      // Bytes without a protocol have no word for it.
    }
  }
}
