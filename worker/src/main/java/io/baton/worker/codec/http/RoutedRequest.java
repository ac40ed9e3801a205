package io.baton.worker.codec.http;

import io.baton.codec.http.PathParameters;
import io.baton.codec.http.PathPattern;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Map;

/** A whole request whose route has parameters, which are read when they are asked for. */
final class RoutedRequest extends DefaultFullHttpRequest implements PathParameters {
  private final PathPattern route;

  RoutedRequest(HttpRequest head, ByteBuf content, HttpHeaders trailers, PathPattern route) {
    super(head.protocolVersion(), head.method(), head.uri(), content, head.headers(), trailers);
    this.route = route;
  }

  @Override
  public Map<String, String> pathParameters() {
    return route.parameters(uri()).orElse(Map.of());
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other);
  }

  @Override
  public int hashCode() {
    return super.hashCode();
  }
}
