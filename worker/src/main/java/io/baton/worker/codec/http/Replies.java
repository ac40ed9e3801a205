package io.baton.worker.codec.http;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/** The codec's own words: a status and its reason as text. */
final class Replies {

  /** When a client that was refused for want of room may come again, in seconds. */
  private static final String RETRY_AFTER = "1";

  private Replies() {}

  /** There is no room for it now. */
  static FullHttpResponse tryAgain() {
    FullHttpResponse busy = of(HttpResponseStatus.SERVICE_UNAVAILABLE);
    busy.headers().set(HttpHeaderNames.RETRY_AFTER, RETRY_AFTER);
    return busy;
  }

  static FullHttpResponse of(HttpResponseStatus status) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            ByteBufUtil.writeAscii(UnpooledByteBufAllocator.DEFAULT, status.reasonPhrase() + "\n"));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN);
    return response;
  }
}
