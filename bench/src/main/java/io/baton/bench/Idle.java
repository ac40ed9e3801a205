package io.baton.bench;

/** The kinds of sessions that are held open and, but for a few messages, are only there. */
enum Idle {
  ECHO("echo", false, Lane.LOOP),
  ECHO_RING("echo, ring", false, Lane.RING),
  ECHO_VIRTUAL("echo, virtual", false, Lane.VIRTUAL),
  HTTP("HTTP", true, Lane.LOOP),
  HTTP_RING("HTTP, ring", true, Lane.RING),
  HTTP_VIRTUAL("HTTP, virtual", true, Lane.VIRTUAL);

  private final String text;
  private final boolean http;
  private final Lane lane;

  Idle(String text, boolean http, Lane lane) {
    this.text = text;
    this.http = http;
    this.lane = lane;
  }

  String text() {
    return text;
  }

  /** What {@code load} calls it. */
  String mode() {
    return http ? "hold-http" : "hold";
  }

  /** Of the server that it needs. */
  Lane lane() {
    return lane;
  }

  int port(Server server) {
    return http ? server.webPort() : server.echoPort();
  }
}
