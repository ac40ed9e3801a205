package io.baton.link.core;

import java.nio.ByteBuffer;

/**
 * The receiving end of a byte stream. If this side stops it, it is over only with an END of the
 * same code: then the peer is known to have heard STOP.
 */
final class InboundStream extends Inbound {
  private static final int NONE = -1;

  private final RunningSum sum = new RunningSum();

  /** The length of the head. */
  private long head;

  private int stopCode = NONE;
  private boolean stopUnsaid;

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
    if (isStopped()) {
      held.skip(piece.remaining());
      consume(held.end());
      return;
    }
    sum.update(piece.duplicate());
    held.append(piece);
    events.readable(channel);
  }

  @Override
  void ended(long sum, LinkEvents events) {
    boolean isCorrupt = sum != 0 && !isStopped() && sum != this.sum.value();
    if (isCorrupt) {
      stop(LinkCode.CORRUPT.number());
    }
    tellEnd(isCorrupt ? LinkCode.CORRUPT.number() : endCode(), events);
  }

  @Override
  boolean isRead() {
    return isStopped() ? endCode() == stopCode : held.size() == 0;
  }

  @Override
  boolean mayEndAgain() {
    return isStopped() && !isOver();
  }

  boolean isStopped() {
    return stopCode != NONE;
  }

  /** Drops what has come and will come, if that is not too late. */
  void stop(int code) {
    if (!isStopped() && !isOver()) {
      stopCode = code;
      stopUnsaid = true;
      held.dropTo(held.end());
      consume(held.end());
      finish();
    }
  }

  @Override
  void resume() {
    stopUnsaid = isStopped();
  }

  @Override
  void writeStop(ByteBuffer to) {
    if (stopUnsaid && Frame.hasRoom(to)) {
      Frame.head(to, FrameType.STOP, Varint.size(channel) + Varint.size(stopCode));
      Varint.write(to, channel);
      Varint.write(to, stopCode);
      stopUnsaid = false;
    }
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
    to.varint(head).u32(sum.value()).varint(stopCode + 1L).flag(stopUnsaid);
  }

  @Override
  void restore(ByteSource from) throws LinkProtocolException {
    super.restore(from);
    head = from.varint();
    sum.set(from.u32());
    stopCode = from.varint(LinkCode.MAX_NUMBER + 1, "a code") - 1;
    stopUnsaid = from.flag();
    from.check(
        isOpen()
            ? head <= taken() && consumed() == taken() && !(isStopped() && held.size() > 0)
            : !isStopped(),
        "offsets of a received stream contradict each other");
  }
}
