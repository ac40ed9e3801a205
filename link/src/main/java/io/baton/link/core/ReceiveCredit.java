package io.baton.link.core;

import java.nio.ByteBuffer;

/** The bytes that have come and were consumed on all channels together. */
final class ReceiveCredit {
  private final int credit;
  private long got;
  private long consumed;

  /** What the peer was told of {@link #consumed}. */
  private long said;

  ReceiveCredit(int credit) {
    this.credit = credit;
  }

  void got(long bytes) {
    got += bytes;
  }

  void consumed(long bytes) {
    consumed += bytes;
  }

  /** Returns how many bytes the peer may send. */
  long left() {
    return said + credit - got;
  }

  boolean isUnsaid() {
    return said < consumed;
  }

  /** Says all that is consumed. */
  long say() {
    said = consumed;
    return said;
  }

  /** Writes CREDIT if it is due, or wanted early. */
  void write(ByteBuffer to, boolean early) {
    if (isUnsaid() && (early || consumed - said >= credit / 4) && Frame.hasRoom(to)) {
      Frame.head(to, FrameType.CREDIT, Varint.size(consumed));
      Varint.write(to, say());
    }
  }

  /** Saves what does not follow from the channels: the bytes of those that are over. */
  void save(ByteSink to, long gotOfOpen) {
    to.varint(got - gotOfOpen).varint(consumed - said);
  }

  void restore(ByteSource from, long gotOfOpen, long consumedOfOpen) throws LinkProtocolException {
    long settled = from.varint();
    got = settled + gotOfOpen;
    consumed = settled + consumedOfOpen;
    said = consumed - from.varint();
    from.check(got >= 0 && said >= 0 && left() >= 0, "more has come than the credit");
  }
}
