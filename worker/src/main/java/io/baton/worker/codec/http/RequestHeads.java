package io.baton.worker.codec.http;

import io.baton.service.RequestHead;
import io.baton.worker.identity.Identity;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The heads of requests as services of any codec know them. */
final class RequestHeads {
  private RequestHeads() {}

  /** Returns all of it. */
  static RequestHead of(HttpRequest request) {
    List<RequestHead.Field> fields = new ArrayList<>(request.headers().size());
    for (Map.Entry<String, String> each : request.headers()) {
      fields.add(new RequestHead.Field(each.getKey(), each.getValue()));
    }
    return new RequestHead(request.method().name(), request.uri(), fields);
  }

  /**
   * Returns what a session keeps of it.
   *
   * @param names of the fields that it does
   * @return null if that is too much
   */
  static @Nullable RequestHead kept(HttpRequest request, Collection<String> names) {
    List<RequestHead.Field> fields = new ArrayList<>(names.size());
    int bytes = bytes(request.method().name()) + bytes(request.uri());
    for (String name : names) {
      for (String value : request.headers().getAll(name)) {
        fields.add(new RequestHead.Field(name, value));
        bytes += bytes(name) + bytes(value);
      }
    }
    return bytes > Identity.MAX_HANDSHAKE_BYTES
        ? null
        : new RequestHead(request.method().name(), request.uri(), fields);
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
