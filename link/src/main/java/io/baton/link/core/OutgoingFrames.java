package io.baton.link.core;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The frames to the peer in their order: definitions, what the peer is granted, control frames,
 * messages and streams, and GOODBYE as the last.
 */
final class OutgoingFrames {
  private final SendingHalf sending;
  private final ReceivingHalf receiving;
  private final Closing closing;

  /** The control frames that wait; null if none does. */
  private @Nullable ControlFrames control;

  /** Frames that are written as far as there was room; null if none. */
  private @Nullable ByteBuffer unwritten;

  OutgoingFrames(SendingHalf sending, ReceivingHalf receiving, Closing closing) {
    this.sending = sending;
    this.receiving = receiving;
    this.closing = closing;
  }

  /** Returns the control frames of this connection, to add one. */
  ControlFrames control() {
    ControlFrames its = control;
    if (its == null) {
      its = new ControlFrames();
      control = its;
    }
    return its;
  }

  void write(ByteBuffer to) {
    if (!drain(to)) {
      return;
    }
    if (!closing.isOver()) {
      receiving.write(to);
      writeControl(to);
      sending.write(to);
    }
    if (closing.isOver() || (closing.isClosing() && sending.isAllSent())) {
      byte @Nullable [] goodbye = closing.take();
      if (goodbye != null) {
        append(goodbye);
        drain(to);
      }
    }
  }

  private void writeControl(ByteBuffer to) {
    if (control != null && control.write(to)) {
      control = null;
    }
  }

  /** Writes what is left of whole frames; returns whether nothing is left. */
  private boolean drain(ByteBuffer to) {
    if (unwritten != null) {
      int n = Math.min(to.remaining(), unwritten.remaining());
      to.put(unwritten.slice(unwritten.position(), n));
      unwritten.position(unwritten.position() + n);
      if (unwritten.hasRemaining()) {
        return false;
      }
      unwritten = null;
    }
    return true;
  }

  /** Adds frames that are written before all others. */
  void append(byte[] frames) {
    ByteBuffer before = unwritten;
    unwritten =
        ByteBuffer.wrap(before == null ? frames : new ByteSink().raw(before).raw(frames).toBytes());
  }

  /** Returns about how many bytes {@link #write} would write. */
  int wanted() {
    long data = closing.isAtOnce() ? 0 : sending.wanted();
    boolean quiet = control == null && !receiving.hasUngranted() && !closing.isClosing();
    long others = (long) buffered() + (quiet ? 0 : 4 * Frame.MIN_ROOM);
    return (int) Math.min(Integer.MAX_VALUE, data + data / 128 + others);
  }

  /** Forgets the connection; returns what was left of whole frames. */
  ByteBuffer lost() {
    ByteBuffer left = unwritten == null ? ByteBuffer.allocate(0) : unwritten;
    unwritten = null;
    control = null;
    return left;
  }

  /** Begins on a new connection, with all definitions. */
  void resume(Definitions definitions) {
    lost();
    closing.resume();
    if (definitions.count() > 0) {
      append(definitions.toFrames());
    }
  }

  int buffered() {
    return unwritten == null ? 0 : unwritten.remaining();
  }

  /** Saves all but the control frames, which a move forgets. */
  void save(ByteSink to) {
    to.block(unwritten == null ? new byte[0] : new ByteSink().raw(unwritten).toBytes());
  }

  void restore(ByteSource from) throws LinkProtocolException {
    byte[] left = from.block(Limits.MAX_CREDIT, "unwritten frames");
    unwritten = left.length == 0 ? null : ByteBuffer.wrap(left);
  }
}
