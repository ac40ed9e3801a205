package io.baton.worker.codec.http;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** The head of a streamed request with its route. */
final class RoutedHead extends DefaultHttpRequest implements Routed {
  private final @Nullable String route;

  RoutedHead(HttpRequest head, @Nullable String route) {
    super(head.protocolVersion(), head.method(), head.uri(), head.headers());
    this.route = route;
  }

  @Override
  public @Nullable String route() {
    return route;
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
