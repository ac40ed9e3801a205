package io.baton.bench;

/** How an echo is used: sessions at a time, messages in flight on each, bytes of a message. */
enum EchoShape {
  MANY_64(8, 64, 64),
  MANY_1K(8, 64, 1024),
  ONE_64(8, 1, 64),
  ONE_1K(8, 1, 1024),
  CROWD_64(64, 1, 64),
  CROWD_1K(64, 1, 1024);

  private final int sessions;
  private final int inFlight;
  private final int size;

  EchoShape(int sessions, int inFlight, int size) {
    this.sessions = sessions;
    this.inFlight = inFlight;
    this.size = size;
  }

  int sessions() {
    return sessions;
  }

  boolean isPipelined() {
    return inFlight > 1;
  }

  EchoLoad load() {
    return new EchoLoad(size, inFlight);
  }

  String text() {
    return "%s, %d sessions, %d in flight on each"
        .formatted(size < 1024 ? size + " B" : size / 1024 + " KB", sessions, inFlight);
  }
}
