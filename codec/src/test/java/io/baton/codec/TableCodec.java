package io.baton.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.baton.service.CloseReason;
import io.baton.service.SessionKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Sessions of several connections, each a seat at a table. The first line of a connection is {@code
 * new}, answered by the table's number in hexadecimal, or {@code join} and such a number, answered
 * by that of the seat; the table's own is 0. Before that it may say {@code knock}, answered {@code
 * come in}. All further ones are {@linkplain Line lines} of their seats. Each seat is told when
 * another one is left, and {@code bye} with the reason at the end.
 */
public final class TableCodec implements Codec<TableCodec.Line, TableCodec.Line> {

  /**
   * A line, from or to a seat.
   *
   * @param seat of those that the table has; others are not there, and hear nothing
   */
  public record Line(int seat, String text) {}

  private static final String NAME = "table";

  @Override
  public Class<Line> in() {
    return Line.class;
  }

  @Override
  public Class<Line> out() {
    return Line.class;
  }

  @Override
  public int window() {
    return 4;
  }

  @Override
  public boolean seeks() {
    return true;
  }

  @Override
  public Flow install(CodecContext context) {
    return new Door(context).seat;
  }

  /** Reads the first line, and leaves with it. */
  private static final class Door extends ChannelInboundHandlerAdapter {
    private final CodecContext context;
    private final Seat seat;
    private final ByteBuf read = Unpooled.buffer();

    /** The client has been answered. */
    private boolean knocked;

    /** Stands before the seat's handlers, unless the seat is taken. */
    Door(CodecContext context) {
      this.context = context;
      knocked = isKnocked(context);
      if (context.saved().isEmpty() || knocked) {
        context.pipeline().addLast(this);
      }
      this.seat = new Seat(context);
    }

    private static boolean isKnocked(CodecContext context) {
      return context.saved().filter(saved -> saved.state().remaining() == 1).isPresent();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ByteBuf more = (ByteBuf) msg;
      read.writeBytes(more);
      more.release();
      int length = read.bytesBefore((byte) '\n');
      if (length >= 0 && read.toString(0, length, US_ASCII).equals("knock")) {
        knocked = true;
        read.skipBytes(length + 1).discardReadBytes();
        seat.say("come in");
      } else if (length >= 0) {
        enter(ctx, read.toString(0, length, US_ASCII).split(" "), length + 1);
      }
    }

    private void enter(ChannelHandlerContext ctx, String[] words, int length) {
      if (words[0].equals("new")) {
        seat.say(Integer.toHexString(context.claimShort().shortId()));
        seat.takes(0);
        ctx.fireChannelRead(read.copy(length, read.readableBytes() - length));
        ctx.pipeline().remove(this);
        return;
      }
      SessionKey key = SessionKey.ofShort(Integer.parseUnsignedInt(words[1], 16));
      switch (knocked ? context.meet(key, knocked()) : context.meet(key, read.duplicate())) {
        case Meeting.Here(Flow table) -> {
          ByteBuf rest = read.skipBytes(length);
          context.accompany(saved(((Seat) table).next(), 0, rest.copy().nioBuffer()));
        }
        case Meeting.Elsewhere _ -> {}
        case Meeting.Nowhere _ -> refuse("nowhere");
        case Meeting.Later _ -> refuse("later");
      }
    }

    private Saved knocked() {
      return new Saved(NAME, 1, ByteBuffer.allocate(1), read.copy().nioBuffer());
    }

    private void refuse(String why) {
      seat.say(why);
      context.window().end(CloseReason.CLIENT);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
      read.release();
    }
  }

  private static Saved saved(int number, int next, ByteBuffer unread) {
    ByteBuffer state = ByteBuffer.allocate(2 * Integer.BYTES).putInt(number).putInt(next).flip();
    return new Saved(NAME, 1, state, unread);
  }

  /** Says of each line which seat it is from. */
  private static final class SeatLines extends LineDecoder {
    private final Seat seat;

    SeatLines(Window window, Seat seat) {
      super(window);
      this.seat = seat;
    }

    @Override
    protected Object readMessage(ByteBuf in, int length) {
      return new Line(seat.number, (String) super.readMessage(in, length));
    }
  }

  /** Brings each line to its seat. */
  private static final class Waiter extends ChannelOutboundHandlerAdapter {
    private final Map<Integer, Seat> seats;

    Waiter(Map<Integer, Seat> seats) {
      this.seats = seats;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
      if (msg instanceof Line(int to, String text)) {
        Seat its = seats.get(to);
        if (its != null) {
          its.say(text);
        }
      } else {
        var _ = ctx.write(msg, promise);
      }
    }
  }

  /** One connection's part; that of the first one knows all of them. */
  private static final class Seat implements Flow {
    private static final int NONE = -1;

    private final LineDecoder lines;
    private final ChannelPipeline pipeline;
    private final Seat table;
    private final Map<Integer, Seat> seats = new TreeMap<>();
    private int number = NONE;
    private int next = 1;

    Seat(CodecContext context) {
      pipeline = context.pipeline();
      lines = new SeatLines(context.window(), this);
      table = context.accompanies().map(Seat.class::cast).orElse(this);
      pipeline.addLast(new Waiter(seats), lines);
      context
          .saved()
          .filter(saved -> saved.state().remaining() > 1)
          .ifPresent(saved -> {
            saved.require(NAME, 1);
            ByteBuffer state = saved.state().duplicate();
            takes(state.getInt());
            next = state.getInt();
          });
    }

    int next() {
      return next++;
    }

    void takes(int its) {
      number = its;
      table.seats.put(its, this);
    }

    void say(String line) {
      var _ = pipeline.channel().writeAndFlush(Unpooled.copiedBuffer(line + "\n", US_ASCII));
    }

    @Override
    public void attached() {
      if (this != table) {
        say("seat " + number);
      }
    }

    @Override
    public Phase phase() {
      return lines.hasPartialMessage() ? Phase.HEAD : Phase.IDLE;
    }

    @Override
    public void resume() {
      lines.resume();
    }

    @Override
    public Optional<Saved> save() {
      return number == NONE ? Optional.empty() : Optional.of(saved(number, next, lines.unread()));
    }

    @Override
    public void discard() {
      lines.discard();
    }

    @Override
    public void drain() {
      // Where a conversation ends is between client and service.
    }

    @Override
    public void goodbye(CloseReason why) {
      say(number == NONE ? "full" : "bye " + why);
    }

    @Override
    public void ended(CloseReason why) {
      if (this != table) {
        table.seats.remove(number);
        table.seats.values().forEach(each -> each.say(number + " left"));
      }
    }
  }
}
