package io.baton.worker.codec.raw;

import io.baton.codec.Codec;
import io.baton.codec.Flow;
import io.baton.codec.Flow.Phase;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.codec.WindowedDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import org.jspecify.annotations.Nullable;

/**
 * Each message is what one read brought, or, where several had to wait for the window, what they
 * brought together. Knows no requests, so a drain lets the client finish.
 *
 * <p>Can move at any time.
 */
public final class RawCodec implements Codec<ByteBuf, ByteBuf> {
  private static final String NAME = "raw";
  private static final int VERSION = 1;
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
    if (saved != null) {
      saved.require(NAME, VERSION);
    }
    Reads reads = new Reads(window);
    pipeline.addLast(reads);
    return reads.flow(NAME, VERSION, Phase.IDLE);
  }

  private static final class Reads extends WindowedDecoder {
    Reads(Window window) {
      super(window);
    }

    @Override
    protected int next(ByteBuf in) {
      return in.readableBytes();
    }

    @Override
    protected ByteBuf take(ByteBuf in, int length) {
      return cut(in, length);
    }
  }
}
