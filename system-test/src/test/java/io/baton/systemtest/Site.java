package io.baton.systemtest;

import io.baton.testing.server.Ports;
import java.io.IOException;
import java.net.URI;

/** The shipped configuration's routes, on a listener of its own that a test adds. */
record Site(int port) {

  /** Before the server is started. */
  static Site of(TestServer server) throws IOException {
    return of(server, "site");
  }

  /** One of several, on a listener of this name. */
  static Site of(TestServer server, String listener) throws IOException {
    int port = Ports.free(1).getFirst();
    server.configure(
        "listeners." + listener,
        """
        {
          endpoint = "tcp://127.0.0.1:%d"
          codec = http
          routes {
            "/" = pulse-page
            "/hello" = hello
            "/upload" = upload
            "/pulse" = { codec = websocket, service = pulse }
            "/echo" = { codec = websocket, service = echo-websocket }
            "/counter/*" = counter-page
            "/counter/socket" = { codec = websocket, service = counter, origins = ["*"] }
          }
          awaits-return = 1m
        }\
        """
            .formatted(port));
    return new Site(port);
  }

  URI page() {
    return URI.create("http://127.0.0.1:%d/".formatted(port));
  }

  /** The page of a site whose listener is encrypted. */
  URI encryptedPage() {
    return URI.create("https://127.0.0.1:%d/".formatted(port));
  }

  URI webSocket(String path) {
    return URI.create("ws://127.0.0.1:%d%s".formatted(port, path));
  }

  URI encryptedWebSocket(String path) {
    return URI.create("wss://127.0.0.1:%d%s".formatted(port, path));
  }
}
