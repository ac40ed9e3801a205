package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The end of a session: which side has said what.
 *
 * <p>A side that closes sends GOODBYE after all that was sent before, goes on reading, and is over
 * at a GOODBYE of the peer that is complete: the peer has got its GOODBYE, and so everything. A
 * side that does not close answers with a complete GOODBYE and is over; so does a side that aborts,
 * or finds a mistake of the peer. If both close, each says it again as complete when it has got the
 * other's.
 */
final class Closing {
  static final int MAX_TEXT_BYTES = 1_024;

  /** A GOODBYE's code, which may be an application's own, and text. */
  record Goodbye(int code, String text, boolean complete) {
    byte[] toFrame() {
      return new ByteSink()
          .u16(code)
          .flag(complete)
          .text(text, MAX_TEXT_BYTES)
          .toFrame(FrameType.GOODBYE);
    }

    static Goodbye read(ByteBuffer body) throws LinkProtocolException {
      ByteSource from = new ByteSource("GOODBYE", body);
      Goodbye goodbye = read(from);
      from.end();
      return goodbye;
    }

    static Goodbye read(ByteSource from) throws LinkProtocolException {
      int code = from.u16();
      boolean complete = from.flag();
      return new Goodbye(code, from.text(MAX_TEXT_BYTES, "text"), complete);
    }
  }

  private @Nullable Goodbye own;
  private @Nullable Goodbye peers;
  private boolean atOnce;
  private boolean told;

  /** Whether GOODBYE was written on this connection, and whether a complete one was. */
  private boolean written;

  private boolean writtenComplete;

  boolean isClosing() {
    return own != null;
  }

  boolean isAtOnce() {
    return atOnce;
  }

  boolean isOver() {
    return atOnce || (peers != null && peers.complete);
  }

  /** Tells whether the peer has sent its last message. */
  boolean hasPeers() {
    return peers != null;
  }

  void close(int code, String text) {
    if (own == null) {
      own = new Goodbye(code, text, false);
    }
  }

  /** Ends the session at once; {@code told} if the user need not hear of it. */
  void abort(int code, String text, boolean isTold) {
    if (!isOver()) {
      own = new Goodbye(code, text, true);
      atOnce = true;
      told |= isTold;
    }
  }

  /** Takes the peer's GOODBYE. */
  void said(Goodbye goodbye) {
    peers = goodbye;
    if (own == null) {
      own = new Goodbye(goodbye.code, "", true);
      atOnce = true;
    }
  }

  /** Returns the frame to write, null if it is written or there is none. */
  byte @Nullable [] take() {
    boolean complete = atOnce || peers != null;
    if (own == null || (complete ? writtenComplete : written)) {
      return null;
    }
    written = true;
    writtenComplete = complete;
    return new Goodbye(own.code, own.text, complete).toFrame();
  }

  /** Returns what the user has to be told, once; null if nothing. */
  @Nullable Goodbye tell() {
    Goodbye last = peers != null ? peers : own;
    if (told || !isOver() || last == null) {
      return null;
    }
    told = true;
    return last;
  }

  boolean isUntold() {
    return isOver() && !told;
  }

  /** The peer may not have heard it: it is said again on the next connection. */
  void resume() {
    written = false;
    writtenComplete = false;
  }

  void save(ByteSink to) {
    save(own, to);
    save(peers, to);
    to.flag(atOnce).flag(told).flag(written).flag(writtenComplete);
  }

  private static void save(@Nullable Goodbye goodbye, ByteSink to) {
    to.flag(goodbye != null);
    if (goodbye != null) {
      byte[] frame = goodbye.toFrame();
      to.raw(Arrays.copyOfRange(frame, Frame.HEAD_BYTES, frame.length));
    }
  }

  void restore(ByteSource from) throws LinkProtocolException {
    own = restoreGoodbye(from);
    peers = restoreGoodbye(from);
    atOnce = from.flag();
    told = from.flag();
    written = from.flag();
    writtenComplete = from.flag();
    boolean isSaid = isOver() || written || hasPeers();
    from.check(own != null || !isSaid, "a session that is over without GOODBYE");
  }

  private static @Nullable Goodbye restoreGoodbye(ByteSource from) throws LinkProtocolException {
    return from.flag() ? Goodbye.read(from) : null;
  }
}
