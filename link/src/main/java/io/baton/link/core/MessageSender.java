package io.baton.link.core;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The user's messages on their way into the channels, checked and bounded. One object for one call.
 */
final class MessageSender {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SessionFacts facts;
  private final SendingHalf sending;
  private final Closing closing;
  private final Definitions definitions;
  private final Asks asks;

  MessageSender(
      SessionFacts facts,
      SendingHalf sending,
      Closing closing,
      Definitions definitions,
      Asks asks) {
    this.facts = facts;
    this.sending = sending;
    this.closing = closing;
    this.definitions = definitions;
    this.asks = asks;
  }

  boolean send(int channel, int types, ByteBuffer payload) {
    return queue(sending.messages(channel), MessageKind.MESSAGE, 0, types, payload);
  }

  long ask(int channel, int types, ByteBuffer payload) {
    if (!asks.hasRoom()) {
      throw new IllegalStateException("1,024 asks are open");
    }
    boolean isQueued =
        queue(sending.messages(channel), MessageKind.ASK, asks.next(), types, payload);
    return isQueued ? asks.open(channel) : -1;
  }

  /**
   * Answers an ask.
   *
   * @param name of the ask's channel
   */
  boolean reply(int channel, String name, long ask, int types, ByteBuffer payload) {
    return asks.isOpen(channel, ask)
        && queue(sending.answers(channel, name), MessageKind.REPLY, ask, types, payload)
        && asks.close(channel, ask);
  }

  boolean fail(int channel, String name, long ask, int code, String text) {
    if (closing.isClosing() || !asks.close(channel, ask)) {
      return false;
    }
    sending.fail(channel, name, ask, new Failure(code, text));
    return true;
  }

  boolean cancel(int channel, long ask) {
    if (closing.isClosing() || !asks.cancel(channel, ask)) {
      return false;
    }
    OutboundMessages its = sending.messages(channel);
    if (its != null) {
      its.queue(MessageKind.CANCEL, ask, -1, NOTHING.duplicate());
    }
    return true;
  }

  void cancelAll() {
    asks.uncancelled().forEach(each -> cancel(each.getValue(), each.getKey()));
  }

  private boolean queue(
      @Nullable OutboundMessages to, MessageKind kind, long ask, int types, ByteBuffer payload) {
    if (types < 0 || !definitions.has(types)) {
      throw new IllegalArgumentException("the type set " + types + " is not defined");
    }
    long size = OutboundMessages.size(kind, ask, types, payload.remaining());
    if (size > facts.peer().maxMessage()) {
      throw new MessageTooLongException(size, facts.peer().maxMessage());
    }
    if (to == null || closing.isClosing() || sending.queued() + size > facts.limits().maxQueued()) {
      return false;
    }
    to.queue(kind, ask, types, payload);
    return true;
  }
}
