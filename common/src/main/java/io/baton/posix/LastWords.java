package io.baton.posix;

import static io.baton.posix.LibC.C;

/**
 * The same few bytes for each of many connections that end. Never blocks: who cannot take them at
 * once does without. Not thread safe.
 */
public final class LastWords {
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int SHUT_WR = 1;

  /** Of what a client has sent, so much is dropped at a time. */
  private static final int PIECE = 4 * 1024;

  private static final int MAX_PIECES = 16;

  private final Memory words;
  private final Memory dropped = new Memory(PIECE);

  public LastWords(byte[] words) {
    this.words = new Memory(words.length);
    this.words.bytes.put(words);
  }

  /**
   * Says them and ends the connection, a stream socket's. What the client has sent is dropped
   * before (by TCP's MSG_TRUNC, without a look): else closing would be a reset, which could
   * overtake the words.
   */
  public void end(Fd client) {
    int fd = client.number();
    C.send(fd, words.pointer, words.bytes.capacity(), MSG_DONTWAIT | MSG_NOSIGNAL);
    C.shutdown(fd, SHUT_WR);
    int pieces = 0;
    while (pieces < MAX_PIECES
        && C.recv(fd, dropped.pointer, PIECE, MSG_DONTWAIT | MSG_TRUNC) > 0) {
      pieces++;
    }
    client.end();
  }
}
