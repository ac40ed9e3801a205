package io.baton.worker.codec.http;

import io.baton.codec.Protocol;
import io.baton.codec.ProtocolSwitchEvent;
import io.baton.codec.Window;
import io.baton.codec.http.PlainResponse;
import io.baton.service.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Answers the requests that ask for another protocol, and gives the connection over to it. */
final class Upgrader {
  private final Paths<Upgrade> upgrades;
  private final Exchange exchange;
  private final Window window;

  Upgrader(Paths<Upgrade> upgrades, Exchange exchange, Window window) {
    this.upgrades = upgrades;
    this.exchange = exchange;
    this.window = window;
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
    }
    return true;
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
}
