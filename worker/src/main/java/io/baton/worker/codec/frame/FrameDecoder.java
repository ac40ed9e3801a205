package io.baton.worker.codec.frame;

import io.baton.codec.Window;
import io.baton.codec.WindowedDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.TooLongFrameException;

final class FrameDecoder extends WindowedDecoder {
  static final int PREFIX = Integer.BYTES;

  private final int max;

  FrameDecoder(Window window, int max) {
    super(window);
    this.max = max;
  }

  @Override
  protected int messageLength(ByteBuf in) {
    if (in.readableBytes() < PREFIX) {
      return INCOMPLETE;
    }
    long length = in.getUnsignedInt(in.readerIndex());
    if (length > max) {
      throw new TooLongFrameException("a frame of %d bytes; up to %d".formatted(length, max));
    }
    if (in.readableBytes() - PREFIX < length) {
      admit(length);
      return INCOMPLETE;
    }
    return PREFIX + (int) length;
  }

  @Override
  protected ByteBuf readMessage(ByteBuf in, int length) {
    return cut(in.skipBytes(PREFIX), length - PREFIX);
  }
}
