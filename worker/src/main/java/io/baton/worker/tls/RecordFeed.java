package io.baton.worker.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.NotSslRecordException;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Passes on what a client sends record by record as long as its handshake lasts, because the engine
 * opens all that it is given: it must not see a record behind the one that ends the handshake. Then
 * it passes on the rest and leaves the pipeline, or stays if the engine has the connection to its
 * end. What is no record, or too long for one, breaks the connection: the engine would wait for the
 * rest of it, and nobody would book what has come. The engine sees nothing of a client that speaks
 * the listener's protocol without encryption and is to be answered so. Event loop only.
 */
final class RecordFeed extends ChannelInboundHandlerAdapter {
  private static final int HEADER = 5;

  // The types of records (RFC 8446, B.1).
  private static final int FIRST_TYPE = 20;
  private static final int LAST_TYPE = 23;

  /** Of a record of any version, in bytes (RFC 5246, 6.2.3). */
  private static final int MAX_RECORD = 16 * 1024 + 2048;

  private final KeptBytes kept;
  private final PlaintextReply plaintext;
  private final Consumer<ByteBuf> refuse;
  private boolean first = true;
  private boolean over;

  /**
   * @param plaintext asked about a client that begins with something else than a record
   * @param refuse given what such a client is told; removes this handler
   * @param held is told how many bytes more, or fewer, are kept
   */
  RecordFeed(PlaintextReply plaintext, Consumer<ByteBuf> refuse, LongConsumer held) {
    this.plaintext = plaintext;
    this.refuse = refuse;
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
      first = false;
      ByteBuf next = kept.bytes().readRetainedSlice(length);
      boolean record = isRecord(next);
      ctx.fireChannelRead(next);
      if (!record) {
        ctx.fireExceptionCaught(new NotSslRecordException("not a record of TLS")); // unless it knew
      }
    }
    kept.settle(ctx.alloc());
  }

  private static boolean isRecord(ByteBuf bytes) {
    return bytes.readableBytes() == HEADER + length(bytes) && hasType(bytes);
  }

  private static boolean hasType(ByteBuf in) {
    int type = in.getUnsignedByte(in.readerIndex());
    return FIRST_TYPE <= type && type <= LAST_TYPE;
  }

  private static int length(ByteBuf in) {
    return in.getUnsignedShort(in.readerIndex() + HEADER - Short.BYTES);
  }

  /** Returns how many bytes are to be passed on now. */
  private int next() {
    ByteBuf in = kept.bytes();
    if (in.readableBytes() < HEADER) {
      return 0;
    }
    int length = length(in);
    if (!hasType(in) || length > MAX_RECORD) {
      return noRecord(in);
    }
    return in.readableBytes() < HEADER + length ? 0 : HEADER + length;
  }

  private int noRecord(ByteBuf in) {
    return switch (first ? plaintext.to(in) : new PlaintextReply.Foreign()) {
      case PlaintextReply.Foreign _ -> in.readableBytes(); // the engine knows what to say of it
      case PlaintextReply.Undecided _ -> 0;
      case PlaintextReply.Reply reply -> {
        refuse.accept(reply.bytes());
        yield 0;
      }
    };
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
