package io.baton.worker.codec.http;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Netty's encoder, which must be told that the answer to a HEAD has no body. */
final class ResponseEncoder extends HttpResponseEncoder {
  private final Exchange exchange;

  ResponseEncoder(Exchange exchange) {
    this.exchange = exchange;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpResponse response) {
    return exchange.head() || super.isContentAlwaysEmpty(response);
  }
}
