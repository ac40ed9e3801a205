package io.baton.worker.codec.http;

import org.jspecify.annotations.Nullable;

/** A request, whole or only its head, of which the codec has found the route. */
interface Routed {

  /** Returns the route's pattern as it is configured; null if no route is for the request. */
  @Nullable String route();
}
