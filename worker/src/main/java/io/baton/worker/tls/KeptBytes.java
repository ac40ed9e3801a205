package io.baton.worker.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.function.LongConsumer;

/** What a client has sent of a record that is not whole yet, booked as held. Event loop only. */
final class KeptBytes {
  private final LongConsumer held;
  private ByteBuf bytes;
  private int booked;

  /**
   * Begins with nothing.
   *
   * @param held is told how many bytes more, or fewer, are kept
   */
  KeptBytes(LongConsumer held) {
    this(held, Unpooled.EMPTY_BUFFER);
  }

  /** Begins with these bytes, which become its own; they are held from the next change on. */
  KeptBytes(LongConsumer held, ByteBuf bytes) {
    this.held = held;
    this.bytes = bytes;
  }

  /** Returns them, to be read. */
  ByteBuf bytes() {
    return bytes;
  }

  /** Adds what has come, which becomes its own. */
  void add(ByteBufAllocator alloc, ByteBuf more) {
    bytes = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(alloc, bytes, more);
  }

  /** Keeps what was not read, without the buffer of a large read. */
  void settle(ByteBufAllocator alloc) {
    ByteBuf former = bytes;
    if (!former.isReadable()) {
      release();
      return;
    }
    if (former.readableBytes() < former.capacity() / 2) {
      bytes = alloc.buffer(former.readableBytes()).writeBytes(former);
      former.release();
    }
    book();
  }

  /** Hands them over. */
  ByteBuf take() {
    ByteBuf taken = bytes;
    bytes = Unpooled.EMPTY_BUFFER;
    book();
    return taken;
  }

  /** Keeps nothing any more. */
  void release() {
    take().release();
  }

  void book() {
    int now = bytes.capacity();
    if (now != booked) {
      held.accept(now - booked);
      booked = now;
    }
  }
}
