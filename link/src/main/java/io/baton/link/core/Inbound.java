package io.baton.link.core;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * The receiving end of a channel: what has come is held until it is taken.
 *
 * <pre>
 *     consumed     taken       got
 *        | with user  |  held    |
 * </pre>
 *
 * <p>A channel above 0 begins with a head, {@code u8 kind, varint length and name, varint length of
 * the stream + 1 or 0}, and ends with END, which counts as one byte.
 */
abstract sealed class Inbound extends Channel permits InboundMessages, InboundStream {
  static final int MAX_NAME_BYTES = 255;
  private static final int MAX_HEAD_BYTES = MAX_NAME_BYTES + 12;
  private static final int NONE = -1;

  final Limits limits;
  final ByteRing held = new ByteRing();

  private final ReceiveCredit credit;
  private long consumed;

  /** What a GRANT may say: what is consumed, or more if a message has to be collected. */
  private long acknowledged;

  /** The last acknowledgement that the peer was told. */
  private long said;

  private boolean hasHead;

  /** The code of END, NONE until it has come. */
  private int endCode = NONE;

  private boolean endTold;

  Inbound(int channel, Limits limits, ReceiveCredit credit) {
    super(channel);
    this.limits = limits;
    this.credit = credit;
    this.hasHead = channel == 0;
  }

  /** Takes the name and the length in the head. */
  abstract void opened(String name, long length, LinkEvents events) throws LinkProtocolException;

  /** Takes bytes behind the head. */
  abstract void body(ByteBuffer piece, LinkEvents events) throws LinkProtocolException;

  /** Takes END, for the first or the second time. */
  abstract void ended(long sum, LinkEvents events) throws LinkProtocolException;

  /** Tells whether the user is done with all that is before END. */
  abstract boolean isRead();

  /** Returns the offset up to which bytes have come, END included. */
  long got() {
    return held.end() + (isEnded() ? 1 : 0);
  }

  /** Returns the offset up to which bytes were given to the user. */
  long taken() {
    return held.start();
  }

  long consumed() {
    return consumed;
  }

  /** Returns the offset up to which the peer may send. */
  long windowEnd() {
    return said + limits.window();
  }

  /** Tells whether the user knows of it: its head has come whole. */
  boolean isOpen() {
    return hasHead;
  }

  boolean isEnded() {
    return endCode != NONE;
  }

  /** Returns the code of END. */
  int endCode() {
    return endCode;
  }

  /** Tells whether only the last acknowledgement is left to say. */
  boolean isOver() {
    return isEnded() && acknowledged == got();
  }

  /** Takes bytes of the channel. */
  final void take(ByteBuffer piece, LinkEvents events) throws LinkProtocolException {
    while (!hasHead && piece.hasRemaining()) {
      held.append(piece.get());
      readHead(events);
    }
    if (piece.hasRemaining()) {
      body(piece, events);
    }
  }

  /** Reads the head if it is whole; the bytes of one that is not count as consumed, too. */
  private void readHead(LinkEvents events) throws LinkProtocolException {
    consume(held.end());
    ByteBuffer head = held.view(0, held.size());
    String name;
    long length;
    try {
      head.get(); // The kind, by which this object was made.
      long bytes = Varint.read(head);
      if (bytes > MAX_NAME_BYTES) {
        throw new LinkProtocolException("a channel's name of " + bytes + " bytes; at most 255");
      }
      byte[] utf8 = new byte[(int) bytes];
      head.get(utf8);
      length = Varint.read(head) - 1;
      name = ByteSource.utf8(utf8, "a channel's name");
    } catch (BufferUnderflowException e) {
      return; // More of it has to come.
    }
    hasHead = true;
    held.dropTo(held.end());
    opened(name, length, events);
  }

  /** Takes END. */
  final void end(long offset, int code, long sum, LinkEvents events) throws LinkProtocolException {
    if (!hasHead || offset != held.end() || (isEnded() && !mayEndAgain())) {
      throw new LinkProtocolException(
          "END of channel %d at %d, after %d bytes".formatted(channel, offset, held.end()));
    }
    endCode = code;
    ended(sum, events);
    finish();
  }

  /** Tells END, once. */
  final void tellEnd(int code, LinkEvents events) {
    if (!endTold) {
      endTold = true;
      events.ended(channel, code);
    }
  }

  final boolean isEndTold() {
    return endTold;
  }

  /** Tells whether a second END may come. */
  boolean mayEndAgain() {
    return false;
  }

  /** Acknowledges END if everything before it is read. */
  final void finish() {
    if (endTold && isRead()) {
      acknowledge(got());
    }
  }

  /** Counts bytes up to an offset as consumed. */
  final void consume(long offset) {
    if (offset > consumed) {
      credit.consumed(offset - consumed);
      consumed = offset;
      acknowledge(offset);
    }
  }

  final void acknowledge(long offset) {
    acknowledged = Math.max(acknowledged, offset);
  }

  boolean isUnsaid() {
    return said < acknowledged;
  }

  /** Writes a GRANT if it is due, or wanted early. */
  final void writeGrant(ByteBuffer to, boolean early) {
    boolean isDue = acknowledged - said >= limits.window() / 4 || isOver();
    if (isUnsaid() && (isDue || early) && Frame.hasRoom(to)) {
      Frame.head(to, FrameType.GRANT, Varint.size(channel) + Varint.size(acknowledged));
      Varint.write(to, channel);
      Varint.write(to, say());
    }
  }

  /** Writes a STOP if one is due. */
  void writeStop(ByteBuffer to) {}

  /** Says all that may be acknowledged. */
  final long say() {
    said = acknowledged;
    return said;
  }

  /** The peer has to be told again what it may not have heard. */
  void resume() {}

  void save(ByteSink to) {
    held.save(to);
    to.varint(consumed).varint(acknowledged).varint(said);
    if (channel > 0) {
      to.flag(hasHead).varint(endCode + 1L).flag(endTold);
    }
  }

  void restore(ByteSource from) throws LinkProtocolException {
    held.restore(from);
    consumed = from.varint();
    acknowledged = from.varint();
    said = from.varint();
    if (channel > 0) {
      hasHead = from.flag();
      endCode = from.varint(LinkCode.MAX_NUMBER + 1, "a code") - 1;
      endTold = from.flag();
    }
    boolean headFits = hasHead || (held.start() == 0 && held.size() < MAX_HEAD_BYTES && !isEnded());
    from.check(
        headFits
            && consumed <= (hasHead ? taken() : held.end())
            && consumed <= acknowledged
            && said <= acknowledged
            && acknowledged <= got()
            && (isEnded() || !endTold),
        "offsets of a received channel contradict each other");
  }
}
