package io.baton.link.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * The sending end of a channel of messages: whole ones, one after the other, each {@code varint
 * length, u8 kind, varint ask, varint types, payload}, in which a message of kind 0 has no ask and
 * FAILED and CANCEL have no types.
 *
 * <p>A message begins only if the session's credit covers the rest of all that have begun and this
 * one whole. Then each that has begun can be completed whatever the other channels do. Where
 * messages end is read from their lengths, so nothing is kept beside the bytes.
 */
final class OutboundMessages extends Outbound {
  private String name = "";

  /** The length of the head. */
  private long head;

  /** The first end of a message, or of the head, that is not acknowledged only in part. */
  private long edge;

  /** The end of the last message that has begun; of the head, if none has. */
  private long begun;

  /** Makes channel 0, or one to restore. */
  OutboundMessages(int channel, int window) {
    super(channel, window);
  }

  OutboundMessages(int channel, int window, String name) {
    super(channel, window);
    this.name = name;
    appendHead(KIND_MESSAGES, name.getBytes(UTF_8), -1);
    head = kept.end();
    edge = head;
    begun = head;
  }

  String name() {
    return name;
  }

  /** Returns the bytes of a message on the channel. */
  static long size(MessageKind kind, long ask, int types, int payload) {
    long length = length(kind, ask, types, payload);
    return Varint.size(length) + length;
  }

  private static long length(MessageKind kind, long ask, int types, int payload) {
    int numbers = kind == MessageKind.MESSAGE ? 0 : Varint.size(ask);
    return 1L + numbers + (types < 0 ? 0 : Varint.size(types)) + payload;
  }

  /**
   * Queues a message.
   *
   * @param types -1 if it has none
   */
  void queue(MessageKind kind, long ask, int types, ByteBuffer payload) {
    kept.appendVarint(length(kind, ask, types, payload.remaining()));
    kept.append((byte) kind.number());
    if (kind != MessageKind.MESSAGE) {
      kept.appendVarint(ask);
    }
    if (types >= 0) {
      kept.appendVarint(types);
    }
    kept.append(payload);
  }

  /** A peer that has room for a message grants nothing of it before it is whole. */
  @Override
  long windowEnd() {
    long most = super.windowEnd();
    long announced = announcedEnd();
    if (most == announced || most >= queued()) {
      return most;
    }
    long first = edge == acknowledged() ? endOfMessageAt(edge) : edge;
    return Math.clamp(first, most, announced);
  }

  /**
   * Lets the messages begin that the window and the credit allow, behind the head.
   *
   * @param free credit that is not set aside for messages that have begun
   * @return what is left of it; -1 if a message waits for credit
   */
  long begin(long free) {
    long within = windowEnd();
    long left = free - (begun == head ? head - sent() : 0);
    if (queued() - begun <= left && queued() <= within) {
      left -= queued() - begun;
      begun = queued();
    }
    while (begun < queued() && begun < within) {
      long end = endOfMessageAt(begun);
      if (end - begun > left) {
        return sent() < head && begun == head ? free : -1; // The head may go alone.
      }
      left -= end - begun;
      begun = end;
    }
    return begun == head ? free : left;
  }

  /** Returns how many bytes of the credit are set aside for messages that have begun. */
  long reserved() {
    return begun == head ? 0 : begun - sent();
  }

  @Override
  long limit(long free) {
    return begun == head ? Math.min(head, sent() + Math.max(0, free)) : begun;
  }

  @Override
  void drop(long offset) {
    while (edge < offset) {
      edge = endOfMessageAt(edge);
    }
    kept.dropTo(offset);
  }

  @Override
  void resumeAt(long got) {
    super.resumeAt(got);
    begun = edge;
    while (begun < sent()) {
      begun = endOfMessageAt(begun);
    }
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

  @Override
  void save(ByteSink to) {
    super.save(to);
    to.varint(edge).varint(begun);
    if (channel > 0) {
      to.varint(head).text(name);
    }
  }

  /** Restores, and walks through all messages, so that later walks cannot fail. */
  @Override
  void restore(ByteSource from) throws LinkProtocolException {
    super.restore(from);
    checkSent(from);
    edge = from.varint();
    begun = from.varint();
    if (channel > 0) {
      head = from.varint();
      name = from.text(Inbound.MAX_NAME_BYTES, "a channel's name");
    }
    boolean fits =
        head <= edge
            && kept.start() <= edge
            && edge <= kept.end()
            && sent() <= begun
            && begun <= kept.end();
    boolean begunIsEnd = begun == edge;
    for (long at = edge; fits && at < kept.end(); begunIsEnd |= at == begun) {
      at = checkedEnd(at, from);
    }
    from.check(fits && begunIsEnd, "offsets of the queued messages contradict each other");
  }

  private long checkedEnd(long offset, ByteSource from) throws LinkProtocolException {
    int most = (int) Math.min(Varint.MAX_BYTES, kept.end() - offset);
    ByteBuffer view = kept.view(offset, most).slice();
    long length;
    try {
      length = Varint.read(view);
    } catch (BufferUnderflowException e) {
      throw new LinkProtocolException("a queued message has no length");
    }
    long end = offset + view.position() + length;
    from.check(end >= offset && end <= kept.end(), "a queued message is not whole");
    return end;
  }
}
