package io.baton.link.core;

import java.nio.ByteBuffer;

/**
 * The receiving end of channel 0. A message that lies whole in the bytes just read is given on
 * without a copy; otherwise it is collected.
 */
final class InboundMessages extends Inbound {
  private static final int UNKNOWN = -1;

  private final Definitions definitions;

  /** The offset up to which the user has processed messages. */
  private long processed;

  /** Whether the user takes no message at present. */
  private boolean paused;

  InboundMessages(Limits limits, Definitions definitions) {
    super(0, limits, new ByteRing(0), 0, 0);
    this.definitions = definitions;
  }

  private InboundMessages(
      Limits limits,
      Definitions definitions,
      ByteRing held,
      long acknowledged,
      long said,
      long processed) {
    super(0, limits, held, acknowledged, said);
    this.definitions = definitions;
    this.processed = processed;
  }

  boolean isPaused() {
    return paused;
  }

  /** The user takes no message from now on. */
  void pause() {
    paused = true;
  }

  /** Takes all bytes of the piece and gives the messages on that are whole. */
  void take(ByteBuffer piece, LinkEvents events) throws LinkProtocolException {
    while (!paused && held.size() > 0 && piece.hasRemaining()) {
      complete(piece);
      deliverHeld(events);
    }
    if (held.size() == 0) {
      deliver(piece, events);
    }
    held.append(piece);
  }

  /** Gives on messages that were held back. */
  void resumeDelivery(LinkEvents events) throws LinkProtocolException {
    paused = false;
    deliverHeld(events);
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
    while (!paused && held.size() > 0) {
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
    while (!paused && piece.hasRemaining()) {
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
    Varint.read(message);
    int kind = message.get();
    if (kind != OutboundMessages.KIND_MESSAGE) {
      throw new LinkProtocolException("a message of kind " + (kind & 0xFF) + "; known is 0");
    }
    int types = Varint.read(message, Definitions.MAX_ID, "a message's type set");
    if (!definitions.has(types)) {
      throw new LinkProtocolException("a message of the undefined type set " + types);
    }
    paused = !events.message(types, message, size);
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

  /**
   * Acknowledges what is processed.
   *
   * @return by how much the acknowledgement moves on
   */
  long processed(int size) {
    if (size < 0 || size > taken() - processed) {
      throw new IllegalArgumentException(
          "%d bytes consumed; %d were given".formatted(size, taken() - processed));
    }
    processed += size;
    return acknowledge(processed);
  }

  /**
   * Acknowledges what has come of a message that is longer than the window and the only one here:
   * else it would never be whole.
   *
   * @return by how much the acknowledgement moves on
   */
  long collect() throws LinkProtocolException {
    if (processed < taken() || held.size() == 0) {
      return 0;
    }
    int size = sizeOfFirst(heldHead());
    return size > limits.window() && size > held.size() ? acknowledge(got()) : 0;
  }

  void drop() {
    held.dropTo(held.end());
    paused = false;
  }

  void save(ByteSink to) {
    held.save(to);
    to.varint(acknowledged()).varint(said()).varint(processed).flag(paused);
  }

  static InboundMessages restore(Limits limits, Definitions definitions, ByteSource from)
      throws LinkProtocolException {
    ByteRing held = ByteRing.restore(from);
    long acknowledged = from.varint();
    long said = from.varint();
    long processed = from.varint();
    if (processed > held.start()
        || acknowledged > held.end()
        || processed > acknowledged
        || said > acknowledged) {
      throw new LinkProtocolException("offsets of the received messages contradict each other");
    }
    InboundMessages restored =
        new InboundMessages(limits, definitions, held, acknowledged, said, processed);
    restored.paused = from.flag();
    restored.check();
    return restored;
  }

  /** A whole message is held only while the user takes none. */
  private void check() throws LinkProtocolException {
    if (!paused && held.size() > 0) {
      int size = sizeOfFirst(heldHead());
      if (size != UNKNOWN && size <= held.size()) {
        throw new LinkProtocolException("a message that nobody holds back");
      }
    }
  }
}
