package io.baton.worker.codec.line;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.codec.Window;
import io.baton.codec.WindowedDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;

final class LineDecoder extends WindowedDecoder {
  private final int max;

  /** So many bytes of this line have no LF among them, so that none is looked at twice. */
  private int searched;

  LineDecoder(Window window, int max) {
    super(window);
    this.max = max;
  }

  @Override
  protected int messageLength(ByteBuf in) {
    int from = in.readerIndex();
    int lf = in.indexOf(from + searched, in.writerIndex(), (byte) '\n');
    searched = (lf < 0 ? in.writerIndex() : lf) - from;
    int line = searched - (endsWithCr(in, from + searched) ? 1 : 0);
    if (line > max) {
      throw new TooLongFrameException("a line is longer than " + max + " bytes");
    }
    return lf < 0 ? INCOMPLETE : searched + 1;
  }

  @Override
  protected String readMessage(ByteBuf in, int length) {
    int from = in.readerIndex();
    int lf = from + length - 1;
    int line = length - 1 - (endsWithCr(in, lf) ? 1 : 0);
    searched = 0;
    if (!ByteBufUtil.isText(in, from, line, UTF_8)) {
      throw new CorruptedFrameException("a line is not UTF-8");
    }
    String text = in.toString(from, line, UTF_8);
    in.skipBytes(length);
    return text;
  }

  private static boolean endsWithCr(ByteBuf in, int end) {
    return end > in.readerIndex() && in.getByte(end - 1) == '\r';
  }
}
