package io.baton.systemtest;

import java.io.IOException;

/** Listeners of {@link TicketModule}, whose sessions wait for their clients. */
final class Tickets {
  private Tickets() {}

  /** Adds one, whose connections go to the workers in turn, and returns its port. */
  static int listen(TestServer server, String name) throws IOException {
    int port = server.listen(name, "counting");
    server
        .configure("listeners." + name + ".codec", "ticket")
        .configure("listeners." + name + ".placement", "round-robin")
        .configure("listeners." + name + ".awaits-return", "10m");
    return port;
  }
}
