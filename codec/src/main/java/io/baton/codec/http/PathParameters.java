package io.baton.codec.http;

import java.util.Map;

/** A request whose route has parameters in its path, such as {@code /rooms/{id}}. */
public interface PathParameters {

  /** Returns the values, decoded, by the names in the route. */
  Map<String, String> pathParameters();
}
