package io.baton.vsockframework;

import io.baton.codec.Window;
import io.baton.codec.WindowedDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.CorruptedFrameException;

/** The decoder of one session, which cuts off messages. */
final class FrameworkDecoder extends WindowedDecoder {
  private final FrameFormat format;

  FrameworkDecoder(Window window, FrameFormat format) {
    super(window);
    this.format = format;
  }

  @Override
  protected int messageLength(ByteBuf in) {
    if (in.readableBytes() < FrameFormat.HEAD) {
      return INCOMPLETE;
    }
    int type = FrameFormat.type(in, in.readerIndex());
    int body = FrameFormat.bodyLength(in, in.readerIndex());
    if (!format.isAllowed(type, body)) {
      throw new CorruptedFrameException(
          "a message of type %d with a length of %d; allowed: %s"
              .formatted(
                  type,
                  body,
                  format.isClock(type)
                      ? FrameFormat.CLOCK_BYTES
                      : "0 to " + format.maxMessage() + " bytes"));
    }
    int length = format.frameLength(body);
    if (length > in.readableBytes()) {
      admit(length);
      return INCOMPLETE;
    }
    return length;
  }

  @Override
  protected FrameworkMessage readMessage(ByteBuf in, int length) {
    int start = in.readerIndex();
    int bytes = FrameFormat.bodyLength(in, start);
    byte[] body = ByteBufUtil.getBytes(in, start + format.bodyOffset(bytes), bytes);
    FrameworkMessage message = new FrameworkMessage(FrameFormat.type(in, start), body);
    in.skipBytes(length);
    return message;
  }
}
