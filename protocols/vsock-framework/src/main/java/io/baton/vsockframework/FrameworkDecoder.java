package io.baton.vsockframework;

import io.baton.codec.WindowedDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.CorruptedFrameException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The decoder of one session, which cuts off messages. While the service has one, what its record
 * may take is held, too.
 */
final class FrameworkDecoder extends WindowedDecoder {
  private final ReadAheadWindow window;
  private final FrameFormat format;
  private final MessageTypes types;

  /** Of the messages that are not processed, what their records may take, oldest first. */
  private final Deque<Long> records = new ArrayDeque<>(0);

  private long recordBytes;

  FrameworkDecoder(ReadAheadWindow window, FrameFormat format, MessageTypes types) {
    super(window);
    this.window = window;
    this.format = format;
    this.types = types;
  }

  /** A message is processed, mostly the oldest. */
  void processed() {
    Long its = records.poll();
    if (its != null) {
      recordBytes -= its;
      window.holdsRecords(recordBytes);
    }
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
      admit(length + types.heapBytes(type, body));
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
    long heap = types.heapBytes(message.type(), bytes);
    records.add(heap);
    recordBytes += heap;
    window.holdsRecords(recordBytes);
    in.skipBytes(length);
    return message;
  }
}
