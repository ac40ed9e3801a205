package io.baton.vsockframework;

import io.baton.service.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The handler that takes the questions for the clock out of one session's bytes and answers them at
 * once, so that none waits for a service: it stands in front of the decoder, which waits for the
 * window.
 *
 * <pre>
 *   read ─► ClockAnswers ─ all else ─► FrameworkDecoder ─ window open? ─► service
 *               │ answer {time of the read, time of the answer}
 *   client ◄────┘
 * </pre>
 *
 * <p>A client that does not take its answers is owed up to {@value #MAX_OWED} of them; with one
 * more its session ends with {@link CloseReason#LIMIT}. Event loop only.
 */
final class ClockAnswers extends ChannelInboundHandlerAdapter {
  /** The most questions whose answers wait for the client to take bytes. */
  static final int MAX_OWED = 16;

  /** The length of a message whose head is not there yet. */
  private static final int UNKNOWN = Integer.MAX_VALUE;

  private final FrameFormat format;
  private final ReadAheadWindow window;
  private final LongSupplier clock;

  /** When the questions came whose answers wait. */
  private final Queue<Long> owed = new ArrayDeque<>();

  /** A part of a head, or of a question. */
  private @Nullable ByteBuf partial;

  /** The bytes of the message that is passing by which have not come yet. */
  private int passing;

  /** A message that is not allowed has gone by: the decoder will find it, and nothing follows. */
  private boolean broken;

  /**
   * @param clock CLOCK_MONOTONIC in nanoseconds
   */
  ClockAnswers(FrameFormat format, ReadAheadWindow window, LongSupplier clock) {
    this.format = format;
    this.window = window;
    this.clock = clock;
  }

  /** Returns whether a part of a message has come that the decoder does not know of. */
  boolean hasPartial() {
    return partial != null;
  }

  /** Returns the questions that have no answer yet, as a client sends them. */
  ByteBuffer unanswered() {
    ByteBuf all = Unpooled.buffer();
    owed.forEach(_ -> {
      all.writeBytes(format.clock(0, 0));
    });
    return all.nioBuffer();
  }

  /** Returns the part of a message that has come last. */
  ByteBuffer unread() {
    ByteBuf part = partial;
    return part == null
        ? ByteBuffer.allocate(0)
        : ByteBuffer.allocate(part.readableBytes()).put(part.nioBuffer()).flip();
  }

  /** Releases what is kept. */
  void discard() {
    if (partial != null) {
      partial.release();
      partial = null;
    }
    broken = true;
    window.holdsBefore(0);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    discard();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    long now = clock.getAsLong();
    ByteBuf in = (ByteBuf) msg;
    if (broken) {
      in.release();
      return;
    }
    if (partial != null) {
      in = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), partial, in);
      partial = null;
    } else if (in.isReadOnly()) {
      ByteBuf copy = in.copy(); // is changed in place
      in.release();
      in = copy;
    }
    for (int i = takeQuestions(in); i > 0; i--) {
      owed.add(now);
    }
    window.holdsBefore(partial == null ? 0 : partial.capacity());
    answer(ctx);
    if (owed.size() > MAX_OWED) {
      window.end(CloseReason.LIMIT);
    }
    if (in.isReadable() && !ctx.isRemoved()) {
      ctx.fireChannelRead(in);
    } else {
      in.release();
    }
  }

  /**
   * Takes questions out of the bytes, and a part of a head or of a question off their end.
   *
   * @return how many questions there were
   */
  private int takeQuestions(ByteBuf in) {
    int questions = 0;
    int at = in.readerIndex();
    int to = at; // where the bytes between questions are moved, all of them together
    while (at < in.writerIndex() && !(broken && passing == 0)) {
      int left = in.writerIndex() - at;
      int question = passing > 0 ? 0 : left < FrameFormat.HEAD ? UNKNOWN : begin(in, at);
      if (question > left) {
        partial = in.copy(at, left);
        break;
      }
      if (question > 0) {
        questions++;
        at += question;
        continue;
      }
      int some = Math.min(passing, left);
      if (to < at) {
        in.setBytes(to, in, at, some);
      }
      passing -= some;
      at += some;
      to += some;
    }
    in.writerIndex(to);
    return questions;
  }

  /**
   * Looks at a message's head.
   *
   * @return the length of a question; 0 if it is none, and then {@link #passing} is its length
   */
  private int begin(ByteBuf in, int at) {
    int type = FrameFormat.type(in, at);
    int body = FrameFormat.bodyLength(in, at);
    if (!format.isAllowed(type, body)) {
      broken = true;
      passing = FrameFormat.HEAD;
      return 0;
    }
    int length = format.frameLength(body);
    if (format.isClock(type)) {
      return length;
    }
    passing = length;
    return 0;
  }

  private void answer(ChannelHandlerContext ctx) {
    boolean wrote = false;
    while (!owed.isEmpty() && hasRoom(ctx)) {
      long received = owed.remove();
      var _ = ctx.write(format.clock(received, clock.getAsLong()), ctx.voidPromise());
      wrote = true;
    }
    if (wrote) {
      ctx.flush();
    }
  }

  private static boolean hasRoom(ChannelHandlerContext ctx) {
    if (!ctx.channel().isWritable()) {
      ctx.flush();
    }
    return ctx.channel().isWritable();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    answer(ctx);
    ctx.fireChannelWritabilityChanged();
  }
}
