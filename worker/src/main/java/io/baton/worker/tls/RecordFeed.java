package io.baton.worker.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.LongConsumer;

/**
 * Passes on what a client sends record by record as long as its handshake lasts, because the engine
 * opens all that it is given: it must not see a record behind the one that ends the handshake. Then
 * it passes on the rest and leaves the pipeline. Event loop only.
 */
final class RecordFeed extends ChannelInboundHandlerAdapter {
  private static final int HEADER = 5;

  // The types of records (RFC 8446, B.1).
  private static final int FIRST_TYPE = 20;
  private static final int LAST_TYPE = 23;

  /** Of a record of any version, in bytes (RFC 5246, 6.2.3). */
  private static final int MAX_RECORD = 16 * 1024 + 2048;

  private final KeptBytes kept;
  private boolean over;

  /**
   * @param held is told how many bytes more, or fewer, are kept
   */
  RecordFeed(LongConsumer held) {
    kept = new KeptBytes(held);
  }

  /** The handshake has ended: what comes behind this record is for others. */
  void end() {
    over = true;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    kept.add(ctx.alloc(), (ByteBuf) msg);
    while (!over && !ctx.isRemoved()) {
      int length = next();
      if (length == 0) {
        break;
      }
      ctx.fireChannelRead(kept.bytes().readRetainedSlice(length));
    }
    kept.settle(ctx.alloc());
  }

  /** Returns how many bytes are to be passed on now; all, if they are no record. */
  private int next() {
    ByteBuf in = kept.bytes();
    if (in.readableBytes() < HEADER) {
      return 0;
    }
    int start = in.readerIndex();
    int type = in.getUnsignedByte(start);
    int length = in.getUnsignedShort(start + HEADER - Short.BYTES);
    if (type < FIRST_TYPE || type > LAST_TYPE || length > MAX_RECORD) {
      return in.readableBytes(); // the engine knows what to say of it
    }
    return in.readableBytes() < HEADER + length ? 0 : HEADER + length;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (over && !ctx.isRemoved()) {
      ByteBuf rest = kept.take();
      if (rest.isReadable()) {
        ctx.fireChannelRead(rest);
      } else {
        rest.release();
      }
      ctx.fireChannelReadComplete();
      ctx.pipeline().remove(this);
    } else {
      ctx.fireChannelReadComplete();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    kept.release();
  }
}
