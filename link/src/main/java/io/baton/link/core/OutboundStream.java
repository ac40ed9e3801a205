package io.baton.link.core;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The sending end of a byte stream: a head, bytes and END, which counts as one byte more. */
final class OutboundStream extends Outbound {
  static final int KIND_BYTES = 1;

  private @Nullable LinkCode ending;
  private boolean endSent;
  private boolean stopped;

  OutboundStream(int channel, int window, byte[] name, long length) {
    super(channel, window, new ByteRing(0), 0);
    kept.append((byte) KIND_BYTES);
    kept.appendVarint(name.length);
    kept.append(ByteBuffer.wrap(name));
    kept.appendVarint(length + 1);
  }

  private OutboundStream(
      int channel,
      int window,
      ByteRing kept,
      long sent,
      @Nullable LinkCode ending,
      boolean endSent) {
    super(channel, window, kept, sent);
    this.ending = ending;
    this.endSent = endSent;
  }

  boolean isEnding() {
    return ending != null;
  }

  void end(LinkCode code) {
    if (ending == null) {
      ending = code;
    }
  }

  /**
   * The peer reads no more: what is not sent is dropped, and END follows.
   *
   * @return false if that was known, or END is sent
   */
  boolean stop(LinkCode code) {
    if (stopped || endSent) {
      return false;
    }
    stopped = true;
    kept.cutTo(sent());
    ending = code;
    return true;
  }

  /** Writes END if it is its turn. */
  boolean writeEnd(ByteBuffer to) {
    if (ending == null || endSent || sent() < queued()) {
      return false;
    }
    int length = Varint.size(channel) + Varint.size(queued()) + Varint.size(ending.number()) + 4;
    Frame.head(to, FrameType.END, length);
    Varint.write(to, channel);
    Varint.write(to, queued());
    Varint.write(to, ending.number());
    to.putInt(0);
    endSent = true;
    return true;
  }

  /** Returns the highest offset that the peer can have. */
  long most() {
    return sent() + (endSent ? 1 : 0);
  }

  /** Returns whether nothing but an acknowledgement is awaited. */
  boolean isAllSent() {
    return sent() == queued() && (ending == null || endSent);
  }

  /**
   * Takes the peer's acknowledgement, which is checked.
   *
   * @return whether it covers END, so that the stream is over
   */
  boolean acknowledge(long offset) {
    kept.dropTo(Math.min(offset, sent()));
    return offset > sent();
  }

  @Override
  void resumeAt(long got) {
    boolean ended = got > queued();
    super.resumeAt(ended ? queued() : got);
    endSent = ended;
  }

  void save(ByteSink to) {
    to.varint(channel);
    kept.save(to);
    to.varint(sent()).varint(ending == null ? 0 : ending.number() + 1L).flag(endSent).flag(stopped);
  }

  static OutboundStream restore(int window, ByteSource from) throws LinkProtocolException {
    int channel = from.varint(Offsets.MAX_CHANNEL, "a channel");
    ByteRing kept = ByteRing.restore(from);
    long sent = from.varint();
    int code = from.varint(LinkCode.UNKNOWN.number() + 1, "a code");
    LinkCode ending = code == 0 ? null : LinkCode.of(code - 1);
    boolean endSent = from.flag();
    if (sent < kept.start()
        || sent > kept.end()
        || (endSent && (ending == null || sent < kept.end()))) {
      throw new LinkProtocolException("offsets of a stream contradict each other");
    }
    OutboundStream restored = new OutboundStream(channel, window, kept, sent, ending, endSent);
    restored.stopped = from.flag();
    return restored;
  }
}
