package io.baton.link.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * The receiving end of a channel of messages. A message that lies whole in the bytes just read is
 * given on without a copy; otherwise it is collected.
 */
final class InboundMessages extends Inbound implements MessageDelivery.Origin {
  private static final int UNKNOWN = -1;

  private final MessageDelivery delivery;
  private String name = "";

  /** The highest ask that has come. */
  private long lastAsk;

  InboundMessages(int channel, Limits limits, ReceiveCredit credit, MessageDelivery delivery) {
    super(channel, limits, credit);
    this.delivery = delivery;
  }

  @Override
  public int number() {
    return channel;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  void opened(String name, long length, LinkEvents events) throws LinkProtocolException {
    if (length != -1) {
      throw new LinkProtocolException("a message channel has no length");
    }
    this.name = name;
    events.openedMessages(channel, name);
  }

  /** Takes all bytes of the piece and gives the messages on that are whole. */
  @Override
  void body(ByteBuffer piece, LinkEvents events) throws LinkProtocolException {
    while (!delivery.isPaused() && held.size() > 0 && piece.hasRemaining()) {
      complete(piece);
      deliverHeld(events);
    }
    if (held.size() == 0) {
      deliver(piece, events);
    }
    held.append(piece);
    collect();
  }

  /** Gives on messages that were held back, and the end behind them. */
  void resumeDelivery(LinkEvents events) throws LinkProtocolException {
    if (isOpen()) {
      deliverHeld(events);
      collect();
      tellEnd(events);
    }
  }

  /** Appends what the first message held lacks, or all there is. */
  private void complete(ByteBuffer piece) throws LinkProtocolException {
    int limit = piece.limit();
    int size = sizeOfFirst(heldHead());
    int lacks = size == UNKNOWN ? 1 : size - held.size();
    piece.limit(piece.position() + Math.min(lacks, piece.remaining()));
    held.append(piece);
    piece.limit(limit);
  }

  private void deliverHeld(LinkEvents events) throws LinkProtocolException {
    while (!delivery.isPaused() && held.size() > 0) {
      int size = sizeOfFirst(heldHead());
      if (size == UNKNOWN || size > held.size()) {
        return;
      }
      ByteBuffer message = held.view(taken(), size);
      held.dropTo(taken() + size);
      give(message, size, events);
    }
  }

  /** Gives on the messages that are whole in the piece, and leaves the rest in it. */
  private void deliver(ByteBuffer piece, LinkEvents events) throws LinkProtocolException {
    int limit = piece.limit();
    while (!delivery.isPaused() && piece.hasRemaining()) {
      int at = piece.position();
      int size = sizeOfFirst(piece);
      if (size == UNKNOWN || size > limit - at) {
        return;
      }
      held.skip(size);
      piece.limit(at + size);
      give(piece, size, events);
      piece.limit(limit).position(at + size);
    }
  }

  private void give(ByteBuffer message, int size, LinkEvents events) throws LinkProtocolException {
    int consumed = delivery.give(this, message, size, events);
    if (consumed > 0) {
      processed(consumed);
    }
  }

  @Override
  public void asked(long ask) throws LinkProtocolException {
    if (ask <= lastAsk) {
      throw new LinkProtocolException("ask %d after ask %d".formatted(ask, lastAsk));
    }
    lastAsk = ask;
  }

  @Override
  public void cancelled(long ask) throws LinkProtocolException {
    if (ask > lastAsk) {
      throw new LinkProtocolException("CANCEL of ask %d, which has not come".formatted(ask));
    }
  }

  /** Tells whether the first message held is whole. */
  private boolean holdsWhole() throws LinkProtocolException {
    int size = isOpen() && held.size() > 0 ? sizeOfFirst(heldHead()) : UNKNOWN;
    return size != UNKNOWN && size <= held.size();
  }

  private ByteBuffer heldHead() {
    return held.view(taken(), Math.min(held.size(), Varint.MAX_BYTES));
  }

  /** Returns the size of the message that begins here, UNKNOWN if its head is not whole. */
  private int sizeOfFirst(ByteBuffer from) throws LinkProtocolException {
    long length = 0;
    int end = Math.min(from.remaining(), Varint.MAX_BYTES);
    for (int i = 0; i < end; i++) {
      byte b = from.get(from.position() + i);
      length |= (long) (b & 0x7F) << (7 * i);
      if (length > limits.maxMessage() - i - 1) {
        throw new LinkProtocolException(
            LinkCode.TOO_LONG,
            "a message of more than %d bytes; send what is longer as a stream"
                .formatted(limits.maxMessage()));
      }
      if (b >= 0) {
        return checkedSize(i + 1, (int) length);
      }
    }
    return UNKNOWN;
  }

  private static int checkedSize(int head, int length) throws LinkProtocolException {
    if (length < 2) {
      throw new LinkProtocolException(
          "a message of %d bytes; the shortest has 2".formatted(length));
    }
    return head + length;
  }

  /** Counts messages as consumed that are processed. */
  void processed(int size) {
    if (size < 0 || size > taken() - consumed()) {
      throw new IllegalArgumentException(
          "%d bytes consumed; %d were given".formatted(size, taken() - consumed()));
    }
    consume(consumed() + size);
    finish();
  }

  /**
   * Acknowledges what has come of a message that is longer than the window and the only one here:
   * else it would never be whole. It still counts as not consumed.
   */
  void collect() throws LinkProtocolException {
    if (consumed() == taken() && held.size() > 0) {
      int size = sizeOfFirst(heldHead());
      if (size > limits.window() && size > held.size()) {
        acknowledge(held.end());
      }
    }
  }

  @Override
  void ended(long sum, LinkEvents events) throws LinkProtocolException {
    tellEnd(events);
  }

  /** Tells END behind the last message. */
  private void tellEnd(LinkEvents events) throws LinkProtocolException {
    if (isEnded() && !delivery.isPaused()) {
      if (held.size() > 0) {
        throw new LinkProtocolException("END of channel %d inside a message".formatted(channel));
      }
      tellEnd(endCode(), events);
      finish();
    }
  }

  @Override
  boolean isRead() {
    return isEndTold() && consumed() == held.end();
  }

  void drop() {
    held.dropTo(held.end());
  }

  @Override
  void save(ByteSink to) {
    super.save(to);
    to.varint(lastAsk);
    if (channel > 0) {
      to.block(name.getBytes(UTF_8));
    }
  }

  /** Restores; while the user takes no message, nobody has looked at those that are held. */
  @Override
  void restore(ByteSource from) throws LinkProtocolException {
    super.restore(from);
    lastAsk = from.varint();
    if (channel > 0) {
      name = from.text(MAX_NAME_BYTES, "a channel's name");
    }
    if (!delivery.isPaused()) {
      from.check(!holdsWhole() && isEndTold() == isEnded(), "nobody holds a message back");
    }
    from.check(!isEndTold() || held.size() == 0, "messages behind the end");
  }
}
