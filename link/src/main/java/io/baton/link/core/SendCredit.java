package io.baton.link.core;

/** The bytes that were sent and that the peer has consumed on all channels together. */
final class SendCredit {
  private final int credit;

  /** Bytes of channels that are over. */
  private long settled;

  /** Bytes sent on all channels, {@link #settled} included. */
  private long sent;

  /** Bytes that the peer has consumed on all channels, as it says. */
  private long consumed;

  SendCredit(int credit) {
    this.credit = credit;
  }

  /** Returns how many bytes may be sent. */
  long left() {
    return consumed + credit - sent;
  }

  void sent(int bytes) {
    sent += bytes;
  }

  /** Counts the bytes of a channel that is over. */
  void settle(long bytes) {
    settled += bytes;
  }

  long settled() {
    return settled;
  }

  /** Takes a CREDIT. */
  void credited(long total) throws LinkProtocolException {
    if (total < consumed || total > sent) {
      throw new LinkProtocolException(
          "a CREDIT to %d; allowed are %d to %d".formatted(total, consumed, sent));
    }
    consumed = total;
  }

  /** Tells whether the peer can have consumed so much of what it has got. */
  boolean fits(long total, long got) {
    return total >= consumed && total <= got;
  }

  /** Continues from what the peer has got and consumed. */
  void resume(long total, long got) {
    sent = got;
    consumed = total;
  }

  void save(ByteSink to) {
    to.varint(settled).varint(consumed);
  }

  void restore(ByteSource from, long sentOfOpen) throws LinkProtocolException {
    settled = from.varint();
    consumed = from.varint();
    sent = settled + sentOfOpen;
    from.check(consumed <= sent && sent >= 0 && left() >= 0, "more is consumed than sent");
  }
}
