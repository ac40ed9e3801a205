package io.baton.worker.codec.raw;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Flow.Phase;
import io.baton.codec.Window;
import io.baton.codec.WindowedDecoder;
import io.netty.buffer.ByteBuf;

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
  public Flow install(CodecContext context) {
    context.saved().ifPresent(saved -> saved.require(NAME, VERSION));
    Reads reads = new Reads(context.window());
    context.pipeline().addLast(reads);
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
