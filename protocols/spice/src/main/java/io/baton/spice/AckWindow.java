package io.baton.spice;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.CorruptedFrameException;

/**
 * The flow control of one channel: the client acknowledges each {@value #WINDOW} messages, and the
 * server stops at twice as many unacknowledged ones. Counting begins behind SET_ACK.
 */
final class AckWindow {
  /** Messages that the client acknowledges at once. */
  static final int WINDOW = 20;

  /** The number of the one SET_ACK that a channel gets. */
  static final int GENERATION = 1;

  /** Bytes of its saved form. */
  static final int SAVED = 5;

  private boolean on;
  private int underWay;

  /** Returns whether one more message may be sent. */
  boolean isOpen() {
    return !on || underWay < 2 * WINDOW;
  }

  /** SET_ACK is sent: messages count from now on. */
  void begin() {
    on = true;
  }

  /** A message is sent. */
  void sent() {
    if (on) {
      underWay++;
    }
  }

  /** Returns how many messages are sent and not acknowledged. */
  int underWay() {
    return underWay;
  }

  /** The client has acknowledged a window of messages. */
  void acknowledged() {
    if (underWay < WINDOW) {
      throw new CorruptedFrameException(
          "an ACK of %d messages, where %d are under way".formatted(WINDOW, underWay));
    }
    underWay -= WINDOW;
  }

  /** The client has seen SET_ACK. */
  void synced(int generation) {
    if (!on || generation != GENERATION) {
      throw new CorruptedFrameException("an ACK_SYNC of a SET_ACK that was not sent");
    }
  }

  void save(ByteBuf out) {
    out.writeBoolean(on).writeInt(underWay);
  }

  static AckWindow read(ByteBuf in) {
    AckWindow window = new AckWindow();
    window.on = in.readBoolean();
    window.underWay = in.readInt();
    return window;
  }
}
