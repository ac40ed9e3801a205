package io.baton.codec.http;

import java.util.Map;

/** A request whose route may have parameters in its path, such as {@code /rooms/{id}}. */
public interface PathParameters {

  /** Returns the values, decoded, by the names in the route; empty if it has none. */
  Map<String, String> pathParameters();
}
