package io.baton.worker.codec.http;

import io.baton.codec.http.PlainResponse;
import io.baton.service.Authentication;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;

/** What the codec says by itself. */
final class Replies {

  /** When a client that was refused for want of room may come again, in seconds. */
  private static final String RETRY_AFTER = "1";

  private Replies() {}

  /** The client is to go on with what it sends, if that is what it waits for. */
  static void sayContinue(ChannelHandlerContext to) {
    var _ =
        to.writeAndFlush(
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER),
            to.voidPromise());
  }

  /** There is no room for it now. */
  static FullHttpResponse tryAgain() {
    FullHttpResponse busy = PlainResponse.of(HttpResponseStatus.SERVICE_UNAVAILABLE);
    busy.headers().set(HttpHeaderNames.RETRY_AFTER, RETRY_AFTER);
    return busy;
  }

  /** What an authenticator has decided. */
  static FullHttpResponse refused(Authentication.Refused decision) {
    return switch (decision) {
      case Authentication.Unauthenticated(String challenge) -> {
        FullHttpResponse reply = PlainResponse.of(HttpResponseStatus.UNAUTHORIZED);
        reply.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, challenge);
        yield reply;
      }
      case Authentication.Forbidden() -> PlainResponse.of(HttpResponseStatus.FORBIDDEN);
      case Authentication.Unavailable(Duration after) -> {
        FullHttpResponse reply = PlainResponse.of(HttpResponseStatus.SERVICE_UNAVAILABLE);
        long seconds = after.plusSeconds(1).minusNanos(1).toSeconds();
        reply.headers().set(HttpHeaderNames.RETRY_AFTER, Long.toString(seconds));
        yield reply;
      }
    };
  }
}
