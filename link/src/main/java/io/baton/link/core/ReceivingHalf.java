package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All channels of a session in the direction from the peer, and what the peer is granted. */
final class ReceivingHalf {
  private final Limits limits;
  private final boolean client;
  private final MessageDelivery delivery;
  private final ReceiveCredit credit;
  private final InboundMessages messages;
  private List<Inbound> channels = Collections.emptyList();

  /** The highest channel of the peer that was seen. */
  private int highest;

  /** Whether what is below the threshold is to be said, too. */
  private boolean sayAll;

  /**
   * @param client whether this side is the client
   */
  ReceivingHalf(Limits limits, boolean client, MessageDelivery delivery) {
    this.limits = limits;
    this.client = client;
    this.delivery = delivery;
    credit = new ReceiveCredit(limits.credit());
    messages = new InboundMessages(0, limits, credit, delivery);
  }

  MessageDelivery delivery() {
    return delivery;
  }

  /** Returns a stream of the peer; null if it is over or none. */
  @Nullable InboundStream stream(int channel) {
    return Channel.of(channels, channel) instanceof InboundStream stream ? stream : null;
  }

  /** Returns channel 0 or a message channel of the peer; null if it is over or none. */
  @Nullable InboundMessages messages(int channel) {
    if (channel == 0) {
      return messages;
    }
    return Channel.of(channels, channel) instanceof InboundMessages its ? its : null;
  }

  int streams() {
    return (int) channels.stream().filter(InboundStream.class::isInstance).count();
  }

  /** Returns the number of open channels above 0. */
  int count() {
    return (int) channels.stream().filter(Inbound::isOpen).count();
  }

  /** Adds what there is to say of each channel above 0 whose head has come. */
  void describe(List<ChannelFacts> to) {
    for (Inbound each : channels) {
      if (each.isOpen()) {
        to.add(
            switch (each) {
              case InboundMessages its ->
                  new ChannelFacts(its.channel, true, true, its.name(), its.consumed());
              case InboundStream its -> new ChannelFacts(its.channel, true, false, "", its.bytes());
            });
      }
    }
  }

  /** Checks that the peer may send so many bytes on a channel now. */
  void announce(int channel, int length) throws LinkProtocolException {
    Inbound inbound = channel == 0 ? messages : peers(channel);
    long room = inbound == null ? limits.window() : inbound.windowEnd() - inbound.got();
    if (length > room) {
      throw new LinkProtocolException("DATA beyond the window of channel " + channel);
    }
    if (length > credit.left()) {
      throw new LinkProtocolException("DATA beyond the credit of the session");
    }
  }

  /** Takes bytes that were announced. */
  void take(int channel, ByteBuffer piece, LinkEvents events) throws LinkProtocolException {
    credit.got(piece.remaining());
    if (channel == 0) {
      messages.body(piece, events);
      return;
    }
    Inbound inbound = peers(channel);
    if (inbound == null) {
      inbound = make(channel, piece.get(piece.position()));
      highest = channel;
      channels = Channel.add(channels, inbound);
    }
    inbound.take(piece, events);
  }

  /** Returns a channel of the peer that goes on; null for one that begins. */
  private @Nullable Inbound peers(int channel) throws LinkProtocolException {
    Inbound inbound = Channel.of(channels, channel);
    if (inbound != null && !inbound.isEnded()) {
      return inbound;
    }
    if (channel <= highest || (channel & 1) == (client ? 1 : 0)) {
      throw new LinkProtocolException("channel " + channel + " is none that the peer writes");
    }
    if (channels.size() == Channel.MAX_OPEN) {
      throw new LinkProtocolException(LinkCode.TOO_MANY, "more than 64 open channels");
    }
    return null;
  }

  private Inbound make(int channel, int kind) throws LinkProtocolException {
    return switch (kind) {
      case Channel.KIND_MESSAGES -> new InboundMessages(channel, limits, credit, delivery);
      case Channel.KIND_BYTES -> new InboundStream(channel, limits, credit);
      default ->
          throw new LinkProtocolException(
              "a channel of kind " + (kind & 0xFF) + "; known are 0 and 1");
    };
  }

  /** Takes END. */
  void end(int channel, long offset, int code, long sum, LinkEvents events)
      throws LinkProtocolException {
    Inbound inbound = Channel.of(channels, channel);
    if (inbound == null) {
      throw new LinkProtocolException("END of channel " + channel + ", which is not open");
    }
    inbound.end(offset, code, sum, events);
  }

  void processed(int channel, int size) throws LinkProtocolException {
    InboundMessages its = messages(channel);
    if (its != null) {
      its.processed(size);
      its.collect();
    }
  }

  /** Goes on with messages that were held back. */
  void deliver(LinkEvents events) throws LinkProtocolException {
    delivery.pause(false);
    messages.resumeDelivery(events);
    for (int i = 0; i < channels.size() && !delivery.isPaused(); i++) {
      if (channels.get(i) instanceof InboundMessages each) {
        each.resumeDelivery(events);
      }
    }
  }

  boolean hasUngranted() {
    boolean any = credit.isUnsaid() || messages.isUnsaid();
    for (int i = 0; i < channels.size() && !any; i++) {
      any = channels.get(i).isUnsaid();
    }
    return any;
  }

  void grantAll() {
    sayAll = true;
  }

  /** Writes CREDIT, GRANTs and STOPs that are due. */
  void write(ByteBuffer to) {
    credit.write(to, sayAll);
    messages.writeGrant(to, sayAll);
    if (!channels.isEmpty()) {
      for (Inbound each : channels) {
        each.writeStop(to);
        each.writeGrant(to, sayAll);
      }
      channels.removeIf(each -> each.isOver() && !each.isUnsaid());
    }
    sayAll &= hasUngranted();
  }

  /** Returns what HELLO or WELCOME of a resume says; with it everything acknowledged is said. */
  Offsets offsets() {
    channels.removeIf(Inbound::isOver);
    List<Offsets.Position> positions = new ArrayList<>();
    positions.add(new Offsets.Position(0, messages.got(), messages.say()));
    for (Inbound each : channels) {
      each.resume();
      positions.add(new Offsets.Position(each.channel, each.got(), each.say()));
    }
    return new Offsets(credit.say(), highest, positions);
  }

  /** Forgets what was not taken: the peer has broken the protocol. */
  void drop() {
    messages.drop();
    delivery.pause(false);
    channels.clear();
  }

  long buffered() {
    long sum = (long) messages.held.capacity() + delivery.definitions().bytes();
    for (Inbound each : channels) {
      sum += each.held.capacity();
    }
    return sum;
  }

  void save(ByteSink to) {
    delivery.save(to);
    messages.save(to);
    to.varint(highest).varint(channels.size());
    long got = messages.held.end();
    for (Inbound each : channels) {
      boolean isMessages = each instanceof InboundMessages;
      to.varint(each.channel).u8(isMessages ? Channel.KIND_MESSAGES : Channel.KIND_BYTES);
      each.save(to);
      got += each.held.end();
    }
    credit.save(to, got);
  }

  void restore(ByteSource from) throws LinkProtocolException {
    delivery.restore(from);
    messages.restore(from);
    highest = from.varint(Offsets.MAX_CHANNEL, "the highest channel");
    long got = messages.held.end();
    long consumed = messages.consumed();
    int last = 0;
    for (int left = from.varint(Channel.MAX_OPEN, "channels"); left > 0; left--) {
      int channel = from.varint(Offsets.MAX_CHANNEL, "a channel");
      boolean fits = channel > last && channel <= highest && (channel & 1) == (client ? 0 : 1);
      from.check(fits, "the channel " + channel + " does not fit");
      last = channel;
      Inbound restored = make(channel, from.u8());
      restored.restore(from);
      channels = Channel.add(channels, restored);
      got += restored.held.end();
      consumed += restored.consumed();
    }
    credit.restore(from, got, consumed);
  }
}
