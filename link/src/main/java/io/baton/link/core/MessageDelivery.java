package io.baton.link.core;

import java.nio.ByteBuffer;

/** The meaning of the peer's messages, on all channels, and whether the user takes any. */
final class MessageDelivery {
  private final Asks asks;
  private final SendingHalf sending;
  private final Closing closing;
  private Definitions definitions = Definitions.NONE;

  /** Whether the user takes no message at present. */
  private boolean paused;

  /** The channel that a message has come on. */
  interface Origin {
    int number();

    String name();

    /** Takes the number of an ask, which grows on each channel. */
    void asked(long ask) throws LinkProtocolException;

    /** Takes the number in a CANCEL, whose ask has come before. */
    void cancelled(long ask) throws LinkProtocolException;
  }

  /**
   * @param sending takes the answers that CANCELs get
   */
  MessageDelivery(Asks asks, SendingHalf sending, Closing closing) {
    this.asks = asks;
    this.sending = sending;
    this.closing = closing;
  }

  /** Returns the peer's type sets. */
  Definitions definitions() {
    return definitions;
  }

  /** Takes a DEFINE; returns whether it is news. */
  boolean define(int types, ByteBuffer schema) throws LinkProtocolException {
    int known = definitions.count();
    definitions = definitions.with(types, schema);
    return definitions.count() > known;
  }

  boolean isPaused() {
    return paused;
  }

  void pause(boolean pauses) {
    paused = pauses;
  }

  /**
   * Gives a whole message on.
   *
   * @return its bytes if it is consumed already; 0 if the user has it
   */
  int give(Origin channel, ByteBuffer message, int size, LinkEvents events)
      throws LinkProtocolException {
    Varint.read(message);
    int number = message.get();
    int its = channel.number();
    if (number == 0) {
      int types = types(message);
      paused = !events.message(its, MessageKind.MESSAGE, 0, types, message, size);
      return 0;
    }
    MessageKind kind = MessageKind.of(number);
    long ask = Varint.read(message, "the number of an ask");
    boolean isWanted = take(channel, kind, ask);
    int types = kind.hasTypes() ? types(message) : -1;
    if (kind == MessageKind.FAILED) {
      Failure.read(new ByteSource("FAILED", message.slice()));
    } else if (kind == MessageKind.CANCEL) {
      new ByteSource("CANCEL", message).end();
    }
    if (!isWanted) {
      return size;
    }
    paused = !events.message(its, kind, ask, types, message, size);
    return 0;
  }

  /** Opens or closes the ask; returns whether the user waits for the message. */
  private boolean take(Origin channel, MessageKind kind, long ask) throws LinkProtocolException {
    if (kind == MessageKind.ASK) {
      channel.asked(ask);
      asks.asked(channel.number(), ask);
      return true;
    }
    return kind == MessageKind.CANCEL ? isCancelled(channel, ask) : asks.answered(ask);
  }

  private int types(ByteBuffer message) throws LinkProtocolException {
    int types = Varint.read(message, Definitions.MAX_ID, "a message's type set");
    if (!definitions.has(types)) {
      throw new LinkProtocolException("a message of the undefined type set " + types);
    }
    return types;
  }

  /** Takes a CANCEL, which crosses the answer if the ask is not open. */
  private boolean isCancelled(Origin channel, long ask) throws LinkProtocolException {
    channel.cancelled(ask);
    if (!asks.close(channel.number(), ask)) {
      return false;
    }
    if (!closing.isClosing()) {
      sending.fail(channel.number(), channel.name(), ask, new Failure(LinkCode.DONE.number(), ""));
    }
    return true;
  }

  void save(ByteSink to) {
    definitions.save(to);
    to.flag(paused);
  }

  void restore(ByteSource from) throws LinkProtocolException {
    definitions = Definitions.restore(from);
    paused = from.flag();
  }
}
