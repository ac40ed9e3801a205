package io.baton.link.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The sending end of a byte stream, whose bytes are kept here or read from a source. A source is
 * read again for a resume; what it has not got any more ends the stream where the peer is. If the
 * peer stops the stream, END is the answer, once more if one was sent before.
 */
final class OutboundStream extends Outbound {
  private static final int MAX_SAVED_SOURCE = 65_536;

  private final RunningSum sum = new RunningSum();

  /** The length of the head. */
  private long head;

  /** The offset up to which bytes are in the sum. */
  private long summed;

  /** Null if the bytes are kept here, or nothing more is read. */
  private @Nullable StreamSource source;

  /** The offset behind the source's last byte, 0 if the bytes are kept here. */
  private long sourceEnd;

  /** Whether the peer reads no more. */
  private boolean stopped;

  /** Makes one to restore. */
  OutboundStream(int channel, int window) {
    super(channel, window);
  }

  OutboundStream(int channel, int window, byte[] name, long length, @Nullable StreamSource source) {
    super(channel, window);
    appendHead(KIND_BYTES, name, length);
    head = kept.end();
    summed = head;
    if (source != null) {
      this.source = source;
      sourceEnd = head + length;
      super.end(LinkCode.DONE.number());
    }
  }

  private boolean hasSource() {
    return sourceEnd > 0;
  }

  @Override
  long queued() {
    return hasSource() ? sourceEnd : kept.end();
  }

  /** Returns how many bytes behind the head are sent. */
  long bytes() {
    return Math.max(0, sent() - head);
  }

  /** Returns how many bytes of a source may be sent now. */
  long sendable() {
    return hasSource() ? Math.min(sourceEnd, windowEnd()) - sent() : 0;
  }

  @Override
  void end(int code) {
    if (source == null) {
      super.end(code);
    } else if (code != LinkCode.DONE.number() && !isEndSent()) {
      cut(code);
    }
  }

  /** The peer reads no more, and END is the answer; returns whether that is news. */
  boolean stop(int code) {
    if (stopped) {
      return false;
    }
    stopped = true;
    endAs(code);
    cut();
    return true;
  }

  /** Ends with an error, if there is none, at what is sent. */
  private void cut(int code) {
    if (ending() <= LinkCode.DONE.number()) {
      endAs(code);
    }
    cut();
  }

  /** Drops what is not sent. */
  private void cut() {
    kept.cutTo(Math.min(kept.end(), Math.max(sent(), head)));
    if (hasSource()) {
      sourceEnd = Math.max(sent(), kept.end());
      closeSource();
    }
  }

  boolean hasOpenSource() {
    return source != null;
  }

  void closeSource() {
    StreamSource its = source;
    source = null;
    if (its != null) {
      its.close();
    }
  }

  @Override
  long limit(long free) {
    return free < 0 ? sent() : sent() + free;
  }

  @Override
  int copy(long offset, int n, ByteBuffer to) {
    int start = to.position();
    int inRing = (int) Math.min(n, kept.end() - offset);
    int copied = inRing > 0 ? super.copy(offset, inRing, to) : read(offset - head, n, to);
    int skip = (int) Math.min(copied, Math.max(0, summed - offset));
    sum.update(to.slice(start + skip, copied - skip));
    summed = Math.max(summed, offset + copied);
    return copied;
  }

  /** Reads from the source. If it has less, the stream ends behind that with ERROR. */
  private int read(long position, int n, ByteBuffer to) {
    StreamSource its = source;
    int start = to.position();
    int limit = to.limit();
    int done = 0;
    to.limit(start + n);
    try {
      for (int more = 1; its != null && more > 0 && done < n; done += Math.max(0, more)) {
        more = its.read(position + done, to);
      }
    } catch (IOException e) {
      its = null; // Its owner knows why; what was read before is sent.
    }
    to.limit(limit).position(start + done);
    if (done < n) {
      cut(LinkCode.ERROR.number());
      sourceEnd = head + position + done;
    }
    return done;
  }

  @Override
  long sum() {
    return summed == sent() ? sum.value() : 0;
  }

  @Override
  void drop(long offset) {
    kept.dropTo(Math.min(offset, kept.end()));
    if (hasSource() && offset > kept.end()) {
      kept.skip(offset - kept.end());
    }
  }

  @Override
  void resumeAt(long got) {
    super.resumeAt(got);
    if (stopped) {
      endAgain();
    }
    if (hasSource() && source == null && sent() < sourceEnd) {
      cut(LinkCode.ERROR.number());
    }
  }

  @Override
  void save(ByteSink to) {
    super.save(to);
    to.varint(head).varint(summed).u32(sum.value()).varint(sourceEnd).flag(stopped);
    if (hasSource()) {
      StreamSource its = source;
      to.block(its == null ? new byte[0] : its.saved());
    }
  }

  void restore(ByteSource from, Sources sources) throws LinkProtocolException {
    restore(from);
    head = from.varint();
    summed = from.varint();
    sum.set(from.u32());
    sourceEnd = from.varint();
    stopped = from.flag();
    from.check(
        head > 0 && summed >= head && (isEnding() || !(hasSource() || stopped)),
        "a stream has no head or no end");
    checkSent(from);
    if (hasSource()) {
      reopen(from.block(MAX_SAVED_SOURCE, "a saved source"), sources);
    }
  }

  private void reopen(byte[] saved, Sources sources) {
    try {
      source = saved.length == 0 ? null : sources.open(saved);
    } catch (IOException e) {
      if (!isEndSent()) {
        cut(LinkCode.ERROR.number());
      }
    }
  }
}
