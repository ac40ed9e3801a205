package io.baton.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.baton.service.CloseReason;
import io.baton.service.Principal;
import io.baton.service.SessionKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Lines, of which the first is {@code new}, answered by the key of the session, or {@code again},
 * such a key and the number of the last answer that the client has seen. Who is beyond a limit is
 * told {@code full}, and who has lost the session to another connection {@code replaced}.
 */
public final class TicketCodec implements Codec<String, String> {
  private static final String NAME = "ticket";

  private final ByteCodec<String, String> lines = new Lines();
  private final Runnable onReplaced;

  public TicketCodec() {
    this(() -> {});
  }

  /**
   * @param onReplaced runs when a client is to be told that it has been replaced
   */
  public TicketCodec(Runnable onReplaced) {
    this.onReplaced = onReplaced;
  }

  @Override
  public Class<String> in() {
    return lines.in();
  }

  @Override
  public Class<String> out() {
    return lines.out();
  }

  @Override
  public int window() {
    return lines.window();
  }

  @Override
  public boolean seeks() {
    return true;
  }

  @Override
  public Flow install(CodecContext context) {
    if (context.saved().isPresent()) {
      return new Served(lines.install(context), context.pipeline(), onReplaced, null);
    }
    Doorkeeper doorkeeper = new Doorkeeper(context);
    context.pipeline().addLast(doorkeeper);
    return new Served(lines.install(context), context.pipeline(), onReplaced, doorkeeper);
  }

  /** What is spoken once the client has its session. */
  private static final class Lines extends ByteCodec<String, String> {
    Lines() {
      super(NAME, 1, String.class, String.class, 16, Flow.Phase.HEAD);
    }

    @Override
    protected WindowedDecoder decoder(Window window) {
      return new LineDecoder(window);
    }

    @Override
    protected Optional<ChannelHandler> encoder() {
      return Optional.of(new LineEncoder());
    }
  }

  /** Reads the first line, and leaves with it. */
  private static final class Doorkeeper extends ChannelInboundHandlerAdapter {
    private final CodecContext context;
    private final Window window;
    private final ByteBuf read = Unpooled.buffer();
    private boolean gone;

    Doorkeeper(CodecContext context) {
      this.context = context;
      this.window = context.window();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ByteBuf more = (ByteBuf) msg;
      read.writeBytes(more);
      more.release();
      int length = read.bytesBefore((byte) '\n');
      if (length >= 0) {
        greet(ctx, read.toString(0, length, US_ASCII).split(" "), length + 1);
      }
    }

    private void greet(ChannelHandlerContext ctx, String[] words, int length) {
      boolean fresh = words[0].equals("new");
      int name = fresh ? 1 : 3;
      if (words.length > name) {
        context.identity().principal(Optional.of(new Principal(words[name])));
      }
      if (fresh) {
        say(ctx, context.claim().toString());
        passOn(ctx, length);
        return;
      }
      SessionKey key = SessionKey.parse(words[1]).orElseThrow();
      switch (context.meet(key, read.duplicate())) {
        case Meeting.Here _ when !context.identity().isOfMetSession() -> refuse(ctx, "another's");
        case Meeting.Here _ -> {
          ByteBuf rest = read.skipBytes(length);
          context.replace(
              Saved.unread(NAME, 1, rest.nioBuffer()), OptionalLong.of(Long.parseLong(words[2])));
        }
        case Meeting.Elsewhere _ -> {}
        case Meeting.Nowhere _ -> refuse(ctx, "nowhere");
        case Meeting.Later _ -> refuse(ctx, "later");
      }
    }

    private void passOn(ChannelHandlerContext ctx, int length) {
      read.skipBytes(length);
      ctx.fireChannelRead(read.copy());
      ctx.fireChannelReadComplete();
      ctx.pipeline().remove(this);
    }

    private void refuse(ChannelHandlerContext ctx, String why) {
      say(ctx, why);
      window.end(CloseReason.CLIENT);
    }

    void say(String line) {
      say(context.pipeline().context(this), line);
    }

    private static void say(ChannelHandlerContext ctx, String line) {
      var _ = ctx.writeAndFlush(Unpooled.copiedBuffer(line + "\n", US_ASCII));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
      gone = true;
      read.release();
    }
  }

  /**
   * Says when it is replaced. Does not move before the first line.
   *
   * @param doorkeeper reads that; null: it was read elsewhere
   */
  private record Served(
      Flow lines, ChannelPipeline pipeline, Runnable onReplaced, @Nullable Doorkeeper doorkeeper)
      implements Flow {
    @Override
    public void superseded() {
      onReplaced.run();
      Channel channel = pipeline.channel();
      var _ =
          channel.writeAndFlush("replaced", channel.voidPromise()); // fails in the middle of this
    }

    @Override
    public Phase phase() {
      return lines.phase();
    }

    @Override
    public void resume() {
      lines.resume();
    }

    @Override
    public Optional<Saved> save() {
      return doorkeeper == null || doorkeeper.gone ? lines.save() : Optional.empty();
    }

    @Override
    public void discard() {
      lines.discard();
    }

    @Override
    public void drain() {
      lines.drain();
    }

    @Override
    public void goodbye(CloseReason why) {
      if (why == CloseReason.LIMIT && doorkeeper != null && !doorkeeper.gone) {
        doorkeeper.say("full");
      }
      lines.goodbye(why);
    }
  }
}
