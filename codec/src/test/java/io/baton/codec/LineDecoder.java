package io.baton.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.TooLongFrameException;

/** Cuts off lines. */
public class LineDecoder extends WindowedDecoder {
  private static final int MAX = 100;

  public LineDecoder(Window window) {
    super(window);
  }

  @Override
  protected int messageLength(ByteBuf in) {
    int length = in.bytesBefore((byte) '\n');
    if (length > MAX || (length < 0 && in.readableBytes() > MAX)) {
      throw new TooLongFrameException("a line is longer than " + MAX + " bytes");
    }
    return length < 0 ? INCOMPLETE : length + 1;
  }

  @Override
  protected Object readMessage(ByteBuf in, int length) {
    String line = in.readCharSequence(length - 1, US_ASCII).toString();
    in.skipBytes(1);
    return line;
  }
}
