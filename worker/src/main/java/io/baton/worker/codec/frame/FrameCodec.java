package io.baton.worker.codec.frame;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Flow.Phase;
import io.netty.buffer.ByteBuf;

/**
 * Messages of bytes, each behind its length: four bytes, big-endian, unsigned, which do not count
 * themselves. A message may be empty.
 *
 * <p>A length above the bound ends the session with {@code PROTOCOL} before anything behind it is
 * read. A message that the client did not finish is not handed out.
 *
 * <p>Can move at any time.
 */
public final class FrameCodec implements Codec<ByteBuf, ByteBuf> {
  private static final String NAME = "frame";
  private static final int VERSION = 1;
  private static final int WINDOW = 64;

  private final int maxFrame;

  /**
   * @param maxFrame bytes of a message received
   */
  public FrameCodec(int maxFrame) {
    this.maxFrame = maxFrame;
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
    return WINDOW;
  }

  @Override
  public Flow install(CodecContext context) {
    context.saved().ifPresent(saved -> saved.require(NAME, VERSION));
    FrameDecoder decoder = new FrameDecoder(context.window(), maxFrame);
    context.pipeline().addLast(FrameEncoder.INSTANCE, decoder);
    return decoder.flow(NAME, VERSION, Phase.BODY);
  }
}
