package io.baton.worker.codec.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.List;

/** What a message's header fields say. */
final class Fields {
  private Fields() {}

  /** Whether the field is there once and says nothing but this, in letters of either case. */
  static boolean isOnly(HttpHeaders headers, AsciiString name, AsciiString value) {
    List<String> all = headers.getAll(name);
    return all.size() == 1 && value.contentEqualsIgnoreCase(all.getFirst());
  }
}
