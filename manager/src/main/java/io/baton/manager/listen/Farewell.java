package io.baton.manager.listen;

import io.baton.posix.Fd;
import io.baton.posix.LastWords;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The end of clients that no worker can serve: in protocols that have words for that, with these
 * words.
 */
final class Farewell {

  /** As the codec says it to a client beyond a limit. */
  private static final String HTTP =
      """
      HTTP/1.1 503 Service Unavailable\r
      content-type: text/plain\r
      retry-after: 1\r
      content-length: 20\r
      connection: close\r
      \r
      Service Unavailable
      """;

  private final LastWords http = new LastWords(HTTP.getBytes(StandardCharsets.US_ASCII));

  /** A WebSocket begins as a request of http. */
  private final Map<String, LastWords> byCodec = Map.of("http", http, "websocket", http);

  /** Ends a fresh client's connection. */
  void end(Fd client, String codec) {
    LastWords words = byCodec.get(codec);
    if (words == null) {
      client.end();
    } else {
      words.end(client);
    }
  }
}
