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
 * one whole. Then each that has begun can be completed whatever the other channels do. A channel's
 * head begins like a message. Where messages end is read from their heads, so nothing is kept
 * beside the bytes.
 */
final class OutboundMessages extends Outbound {
  private String name = "";

  /** The first end of a message that is not acknowledged only in part. */
  private long edge;

  /** The end of the last message that has begun. */
  private long begun;

  /** Makes channel 0, or one to restore. */
  OutboundMessages(int channel, int window) {
    super(channel, window);
  }

  OutboundMessages(int channel, int window, String name) {
    super(channel, window);
    this.name = name;
    appendHead(KIND_MESSAGES, name.getBytes(UTF_8), -1);
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

  /**
   * Lets the messages begin that the window and the credit allow.
   *
   * @param free credit that is not set aside for messages that have begun
   * @return what is left of it; -1 if a message waits for credit
   */
  long begin(long free) {
    long within = windowEnd();
    if (queued() - begun <= free && queued() <= within) {
      long left = free - (queued() - begun);
      begun = queued();
      return left;
    }
    long left = free;
    while (begun < queued() && begun < within) {
      long end = endOfMessageAt(begun);
      left -= end - begun;
      if (left < 0) {
        return -1;
      }
      begun = end;
    }
    return left;
  }

  /** Returns how many bytes of the credit are set aside for messages that have begun. */
  long reserved() {
    return begun - sent();
  }

  @Override
  long limit(long free) {
    return begun;
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
    boolean isHead = channel > 0 && offset == 0;
    long length = isHead ? 1 : 0; // The head is a kind, a block and a number of one byte.
    long at = isHead ? 1 : offset;
    for (int shift = 0; ; shift += 7) {
      byte b = kept.at(at++);
      length += (long) (b & 0x7F) << shift;
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
      to.text(name);
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
      name = from.text(Inbound.MAX_NAME_BYTES, "a channel's name");
    }
    boolean fits =
        kept.start() <= edge && edge <= kept.end() && sent() <= begun && begun <= kept.end();
    boolean begunIsEnd = begun == edge;
    for (long at = edge; fits && at < kept.end(); begunIsEnd |= at == begun) {
      at = checkedEnd(at, from);
    }
    from.check(fits && begunIsEnd, "offsets of the queued messages contradict each other");
  }

  private long checkedEnd(long offset, ByteSource from) throws LinkProtocolException {
    boolean isHead = channel > 0 && offset == 0;
    int start = isHead ? 1 : 0;
    int head = (int) Math.min(Varint.MAX_BYTES + start, kept.end() - offset);
    ByteBuffer view = kept.view(offset, head).slice().position(Math.min(start, head));
    long length;
    try {
      length = Varint.read(view);
    } catch (BufferUnderflowException e) {
      throw new LinkProtocolException("a queued message has no length");
    }
    long end = offset + view.position() + length + start;
    from.check(end >= offset && end <= kept.end(), "a queued message is not whole");
    return end;
  }
}
