package io.baton.link.core;

import java.nio.ByteBuffer;

/** The receiving end of a byte stream. */
final class InboundStream extends Inbound {
  private final RunningSum sum = new RunningSum();

  /** The length of the head. */
  private long head;

  InboundStream(int channel, Limits limits, ReceiveCredit credit) {
    super(channel, limits, credit);
  }

  @Override
  void opened(String name, long length, LinkEvents events) {
    head = held.end();
    events.opened(channel, name, length);
  }

  @Override
  void body(ByteBuffer piece, LinkEvents events) {
    sum.update(piece.duplicate());
    held.append(piece);
    events.readable(channel);
  }

  @Override
  void ended(LinkCode code, long sum, LinkEvents events) {
    boolean isCorrupt = sum != 0 && sum != this.sum.value();
    if (isCorrupt) {
      stop(LinkCode.CORRUPT.number());
    }
    events.ended(channel, isCorrupt ? LinkCode.CORRUPT : code);
  }

  @Override
  boolean isRead() {
    return held.size() == 0;
  }

  /** Returns how many bytes were consumed. */
  long bytes() {
    return isOpen() ? consumed() - head : 0;
  }

  /** Copies bytes and keeps them; -1 if there will be none. */
  int peek(long skip, ByteBuffer to) {
    if (isStopped() || (isEnded() && skip >= held.size())) {
      return -1;
    }
    int n = (int) Math.min(to.remaining(), held.size() - skip);
    if (!isOpen() || n <= 0) {
      return 0;
    }
    held.copy(taken() + skip, n, to);
    return n;
  }

  void consumeNext(int n) {
    if (n < 0 || n > held.size()) {
      throw new IllegalArgumentException(
          "%d bytes consumed of channel %d; %d have come".formatted(n, channel, held.size()));
    }
    held.dropTo(taken() + n);
    consume(taken());
    finish();
  }

  @Override
  void save(ByteSink to) {
    super.save(to);
    to.varint(head).u32(sum.value());
  }

  @Override
  void restore(ByteSource from) throws LinkProtocolException {
    super.restore(from);
    head = from.varint();
    sum.set(from.u32());
    from.check(
        !isOpen() || (head <= taken() && consumed() == taken()),
        "offsets of a received stream contradict each other");
  }
}
