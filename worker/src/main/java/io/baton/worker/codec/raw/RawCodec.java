package io.baton.worker.codec.raw;

import io.baton.service.CloseReason;
import io.baton.worker.codec.Codec;
import io.baton.worker.codec.Flow;
import io.baton.worker.codec.Gate;
import io.baton.worker.codec.Window;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;

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
  public Flow install(ChannelPipeline pipeline, Window window) {
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
    public void goodbye(CloseReason why) {
      // Bytes without a protocol have no word for it.
    }

    @Override
    public boolean idle() {
      return false;
    }
  }
}
