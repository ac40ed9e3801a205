package io.baton.manager.listen;

import io.baton.config.Settings;
import io.baton.posix.Fd;
import io.baton.posix.LastWords;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

  private @Nullable LastWords words(Settings.Listener listener) {
    // A client that expects encryption understands nothing else.
    return listener.options().tls().isOn() ? null : byCodec.get(listener.codec());
  }

  /**
   * Ends a fresh client's connection.
   *
   * @param listener its, null if that is gone
   */
  void end(Fd client, Settings.@Nullable Listener listener) {
    LastWords words = listener == null ? null : words(listener);
    if (words == null) {
      client.end();
    } else {
      words.end(client);
    }
  }
}
