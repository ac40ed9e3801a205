package io.baton.worker.codec.http;

import io.baton.codec.http.PlainResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;

/** The answer to a request that there is no room for. */
final class Replies {

  /** When a client that was refused for want of room may come again, in seconds. */
  private static final String RETRY_AFTER = "1";

  private Replies() {}

  /** There is no room for it now. */
  static FullHttpResponse tryAgain() {
    FullHttpResponse busy = PlainResponse.of(HttpResponseStatus.SERVICE_UNAVAILABLE);
    busy.headers().set(HttpHeaderNames.RETRY_AFTER, RETRY_AFTER);
    return busy;
  }
}
