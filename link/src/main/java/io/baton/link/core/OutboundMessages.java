package io.baton.link.core;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * The sending end of channel 0: whole messages one after the other, each {@code varint length, u8
 * kind, varint types, payload}.
 *
 * <p>A message begins only if the session's credit covers the rest of all that have begun and this
 * one whole. Then each that has begun can be completed whatever the other channels do. Where
 * messages end is read from their heads, so nothing is kept beside the bytes.
 */
final class OutboundMessages extends Outbound {
  static final int KIND_MESSAGE = 0;

  /** The first end of a message that is not acknowledged only in part. */
  private long edge;

  /** The end of the last message that has begun. */
  private long begun;

  OutboundMessages(int window) {
    super(0, window, new ByteRing(0), 0);
  }

  private OutboundMessages(int window, ByteRing kept, long sent, long edge, long begun) {
    super(0, window, kept, sent);
    this.edge = edge;
    this.begun = begun;
  }

  /** Returns the bytes of a message on the channel. */
  static long size(int types, int payload) {
    long length = 1L + Varint.size(types) + payload;
    return Varint.size(length) + length;
  }

  void queue(int types, ByteBuffer payload) {
    kept.appendVarint(1L + Varint.size(types) + payload.remaining());
    kept.append((byte) KIND_MESSAGE);
    kept.appendVarint(types);
    kept.append(payload);
  }

  /**
   * Lets the messages begin that the window and the credit allow.
   *
   * @param credit bytes that may be sent on all channels together
   * @return false if a message waits for credit
   */
  boolean begin(long credit) {
    long within = windowEnd();
    if (queued() - sent() <= credit && queued() <= within) {
      begun = queued();
      return true;
    }
    while (begun < queued() && begun < within) {
      long end = endOfMessageAt(begun);
      if (end - sent() > credit) {
        return false;
      }
      begun = end;
    }
    return true;
  }

  /** Returns how many bytes of the credit are set aside for messages that have begun. */
  long reserved() {
    return begun - sent();
  }

  int writeData(ByteBuffer to) {
    return writeData(to, begun);
  }

  /** Takes the peer's acknowledgement, which is checked. */
  void acknowledge(long offset) {
    while (edge < offset) {
      edge = endOfMessageAt(edge);
    }
    kept.dropTo(offset);
  }

  @Override
  void resumeAt(long got) {
    super.resumeAt(got);
    long end = edge;
    while (end < got) {
      end = endOfMessageAt(end);
    }
    begun = end;
  }

  /** Forgets what is not sent. */
  void drop() {
    kept.cutTo(sent());
    begun = sent();
  }

  private long endOfMessageAt(long offset) {
    long length = 0;
    long at = offset;
    for (int shift = 0; ; shift += 7) {
      byte b = kept.at(at++);
      length |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return at + length;
      }
    }
  }

  void save(ByteSink to) {
    kept.save(to);
    to.varint(sent()).varint(edge).varint(begun);
  }

  static OutboundMessages restore(int window, ByteSource from) throws LinkProtocolException {
    ByteRing kept = ByteRing.restore(from);
    long sent = from.varint();
    long edge = from.varint();
    long begun = from.varint();
    OutboundMessages restored = new OutboundMessages(window, kept, sent, edge, begun);
    restored.check();
    return restored;
  }

  /** Walks through all messages, so that later walks cannot fail. */
  private void check() throws LinkProtocolException {
    boolean sentFits = sent() >= kept.start() && sent() <= begun && begun <= kept.end();
    boolean begunIsEnd = begun == edge;
    long at = edge;
    if (!sentFits || edge < kept.start() || edge > kept.end()) {
      throw new LinkProtocolException("offsets of the queued messages contradict each other");
    }
    while (at < kept.end()) {
      at = checkedEnd(at);
      begunIsEnd |= at == begun;
    }
    if (!begunIsEnd) {
      throw new LinkProtocolException("the message that has begun has no end");
    }
  }

  private long checkedEnd(long offset) throws LinkProtocolException {
    int head = (int) Math.min(Varint.MAX_BYTES, kept.end() - offset);
    ByteBuffer view = kept.view(offset, head);
    int start = view.position();
    long length;
    try {
      length = Varint.read(view);
    } catch (BufferUnderflowException e) {
      throw new LinkProtocolException("a queued message has no length");
    }
    long end = offset + (view.position() - start) + length;
    if (end < offset || end > kept.end()) {
      throw new LinkProtocolException("a queued message is not whole");
    }
    return end;
  }
}
