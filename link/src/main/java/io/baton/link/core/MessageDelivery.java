package io.baton.link.core;

import java.nio.ByteBuffer;

/** The meaning of the peer's messages, on all channels, and whether the user takes any. */
final class MessageDelivery {
  private final Definitions definitions;
  private final Asks asks;
  private final Answering answering;

  /** Whether the user takes no message at present. */
  private boolean paused;

  /** The sender of the answer that a CANCEL gets. */
  interface Answering {
    void cancelled(InboundMessages channel, long ask);
  }

  MessageDelivery(Definitions definitions, Asks asks, Answering answering) {
    this.definitions = definitions;
    this.asks = asks;
    this.answering = answering;
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
  int give(InboundMessages channel, ByteBuffer message, int size, LinkEvents events)
      throws LinkProtocolException {
    Varint.read(message);
    int number = message.get();
    int its = channel.channel;
    if (number == 0) {
      int types = types(message);
      paused = !events.message(its, MessageKind.MESSAGE, 0, types, message, size);
      return 0;
    }
    MessageKind kind = MessageKind.of(number);
    long ask = Varint.read(message, "the number of an ask");
    boolean given =
        switch (kind) {
          case MESSAGE -> true;
          case ASK -> {
            channel.asked(ask);
            asks.asked(its, ask);
            yield true;
          }
          case REPLY, FAILED -> asks.answered(ask);
          case CANCEL -> isCancelled(channel, ask);
        };
    int types =
        switch (kind) {
          case MESSAGE, ASK, REPLY -> types(message);
          case FAILED -> {
            Failure.read(new ByteSource("FAILED", message.slice()));
            yield -1;
          }
          case CANCEL -> {
            new ByteSource("CANCEL", message).end();
            yield -1;
          }
        };
    if (!given) {
      return size;
    }
    paused = !events.message(its, kind, ask, types, message, size);
    return 0;
  }

  private int types(ByteBuffer message) throws LinkProtocolException {
    int types = Varint.read(message, Definitions.MAX_ID, "a message's type set");
    if (!definitions.has(types)) {
      throw new LinkProtocolException("a message of the undefined type set " + types);
    }
    return types;
  }

  /** Takes a CANCEL, which crosses the answer if the ask is not open. */
  private boolean isCancelled(InboundMessages channel, long ask) throws LinkProtocolException {
    channel.cancelled(ask);
    if (!asks.isOpen(channel.channel, ask)) {
      return false;
    }
    answering.cancelled(channel, ask);
    return true;
  }
}
