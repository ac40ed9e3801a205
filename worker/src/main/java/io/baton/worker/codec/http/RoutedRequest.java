package io.baton.worker.codec.http;

import io.baton.codec.http.PathParameters;
import io.baton.codec.http.PathPattern;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A whole request with its route, whose parameters are read when they are asked for. */
final class RoutedRequest extends DefaultFullHttpRequest implements Routed, PathParameters {
  private final @Nullable String route;
  private final @Nullable PathPattern parameters;

  /**
   * @param parameters of the route's path; null: it has none
   */
  RoutedRequest(
      HttpRequest head,
      ByteBuf content,
      HttpHeaders trailers,
      @Nullable String route,
      @Nullable PathPattern parameters) {
    super(head.protocolVersion(), head.method(), head.uri(), content, head.headers(), trailers);
    this.route = route;
    this.parameters = parameters;
  }

  @Override
  public @Nullable String route() {
    return route;
  }

  @Override
  public Map<String, String> pathParameters() {
    return parameters == null ? Map.of() : parameters.parameters(uri()).orElse(Map.of());
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
