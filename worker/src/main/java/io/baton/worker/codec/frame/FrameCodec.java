package io.baton.worker.codec.frame;

import io.baton.codec.ByteCodec;
import io.baton.codec.Flow.Phase;
import io.baton.codec.Window;
import io.baton.codec.WindowedDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import java.util.Optional;

/**
 * Messages of bytes, each behind its length: four bytes, big-endian, unsigned, which do not count
 * themselves. A message may be empty.
 *
 * <p>A length above the bound ends the session with {@code PROTOCOL} before anything behind it is
 * read. A message that the client did not finish is not handed out.
 *
 * <p>A session can move at any time.
 */
public final class FrameCodec extends ByteCodec<ByteBuf, ByteBuf> {
  private static final int WINDOW = 64;

  private final int maxFrame;

  /**
   * @param maxFrame the longest message received, in bytes without its prefix
   */
  public FrameCodec(int maxFrame) {
    super("frame", 1, ByteBuf.class, ByteBuf.class, WINDOW, Phase.BODY);
    this.maxFrame = maxFrame;
  }

  @Override
  protected WindowedDecoder decoder(Window window) {
    return new FrameDecoder(window, maxFrame);
  }

  @Override
  protected Optional<ChannelHandler> encoder() {
    return Optional.of(FrameEncoder.INSTANCE);
  }
}
