package io.baton.worker.codec.http;

import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Meeting;
import io.baton.codec.Protocol;
import io.baton.codec.ProtocolSwitchEvent;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.codec.http.PlainResponse;
import io.baton.service.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Answers the requests that ask for another protocol, and gives the connection over to it. */
final class Upgrader {
  /** Longer requests do not look for a session in other workers. */
  private static final int MAX_READ = 4 * 1024;

  private final Paths<Upgrade> upgrades;
  private final Exchange exchange;
  private final CodecContext context;
  private final Window window;

  Upgrader(Paths<Upgrade> upgrades, Exchange exchange, CodecContext context) {
    this.upgrades = upgrades;
    this.exchange = exchange;
    this.context = context;
    this.window = context.window();
  }

  /** Whether the request is for an upgrade's path; then it is answered and released here. */
  boolean takes(ChannelHandlerContext ctx, FullHttpRequest request) {
    Upgrade upgrade = upgrades.find(request.uri());
    if (upgrade == null) {
      return false;
    }
    Upgrade.Answer answer;
    try {
      answer = upgrade.ask(request);
    } finally {
      request.release();
    }
    say(ctx, answer);
    return true;
  }

  private void say(ChannelHandlerContext ctx, Upgrade.Answer answer) {
    switch (answer) {
      case Upgrade.Answer.Refuse(FullHttpResponse response) -> refuse(ctx, response);
      case Upgrade.Answer.Switch(FullHttpResponse response, var _) when exchange.draining() -> {
        // A session that begins now would only be ended: another worker, or a later one, has time.
        response.release();
        exchange.closeAfter(CloseReason.SHUTDOWN);
        refuse(ctx, PlainResponse.of(HttpResponseStatus.SERVICE_UNAVAILABLE));
      }
      case Upgrade.Answer.Switch(FullHttpResponse response, Protocol<?, ?> next) ->
          become(ctx, response, next);
      case Upgrade.Answer.Return wanted -> meet(ctx, wanted);
      case Upgrade.Answer.Resume(
              FullHttpResponse response,
              ByteBuf first,
              Saved codec,
              OptionalLong last) ->
          resume(ctx, response, first, codec, last);
    }
  }

  private void refuse(ChannelHandlerContext ctx, FullHttpResponse response) {
    window.shut();
    var _ = ctx.writeAndFlush(response, ctx.voidPromise());
  }

  /** The 101 is out before the handlers that write it are gone, and these before what is next. */
  private void become(ChannelHandlerContext ctx, FullHttpResponse response, Protocol<?, ?> next) {
    exchange.switching();
    var _ = ctx.writeAndFlush(response, ctx.voidPromise());
    ChannelPipeline pipeline = ctx.pipeline();
    ByteBuf unread = pipeline.get(RequestDecoder.class).takeUnread();
    pipeline.remove(RequestDecoder.class);
    pipeline.remove(ResponseEncoder.class);
    pipeline.fireUserEventTriggered(new ProtocolSwitchEvent(next, unread));
  }

  // ---- clients that come back ----

  private void meet(ChannelHandlerContext ctx, Upgrade.Answer.Return wanted) {
    RequestDecoder decoder = ctx.pipeline().get(RequestDecoder.class);
    Upgrade.ReturningClient client = wanted.client();
    @Nullable ByteBuf read = decoder.first();
    if (read == null) {
      say(ctx, client.later()); // only what a connection begins with can be given away
      return;
    }
    if (read.readableBytes() > MAX_READ) {
      say(ctx, client.nowhere());
      return;
    }
    switch (context.meet(wanted.wanted(), read)) {
      case Meeting.Here(Flow session) -> say(ctx, client.here(session, decoder.unread()));
      case Meeting.Elsewhere _ -> decoder.takeUnread().release(); // it has gone along
      case Meeting.Nowhere _ -> say(ctx, client.nowhere());
      case Meeting.Later _ -> say(ctx, client.later());
    }
  }

  private void resume(
      ChannelHandlerContext ctx,
      FullHttpResponse response,
      ByteBuf first,
      Saved codec,
      OptionalLong last) {
    exchange.switching();
    var _ = ctx.write(response, ctx.voidPromise());
    ChannelHandlerContext below = ctx.pipeline().context(ResponseEncoder.class);
    var _ = below.writeAndFlush(first, below.voidPromise());
    ctx.pipeline().get(RequestDecoder.class).takeUnread().release(); // the codec is given it
    context.replace(codec, last);
  }
}
