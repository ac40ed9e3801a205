package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All channels of a session in the direction from the peer, and what the peer is granted. */
final class ReceivingHalf {
  private final Limits limits;
  private final boolean client;
  private final Definitions definitions;
  private final InboundMessages messages;

  /** By channel; most sessions have none. */
  private NavigableMap<Integer, InboundStream> streams = Collections.emptyNavigableMap();

  /** The highest stream of the peer that was seen. */
  private int highest;

  /** Bytes received on all channels so far. */
  private long got;

  /** Bytes consumed on all channels so far, and what the peer was told of it last. */
  private long consumed;

  private long said;

  /** Whether what is below the threshold is to be said, too. */
  private boolean sayAll;

  /**
   * @param client whether this side is the client
   */
  ReceivingHalf(Limits limits, boolean client) {
    this(limits, client, new Definitions());
  }

  private ReceivingHalf(Limits limits, boolean client, Definitions definitions) {
    this(limits, client, definitions, new InboundMessages(limits, definitions));
  }

  private ReceivingHalf(
      Limits limits, boolean client, Definitions definitions, InboundMessages messages) {
    this.limits = limits;
    this.client = client;
    this.definitions = definitions;
    this.messages = messages;
  }

  Definitions definitions() {
    return definitions;
  }

  InboundMessages messages() {
    return messages;
  }

  @Nullable InboundStream stream(int channel) {
    return streams.get(channel);
  }

  /** Checks that the peer may send so many bytes on a channel now. */
  void announce(int channel, int length) throws LinkProtocolException {
    Inbound inbound = channel == 0 ? messages : peers(channel);
    if (length > inbound.windowEnd() - inbound.got()) {
      throw new LinkProtocolException("DATA beyond the window of channel " + channel);
    }
    if (length > said + limits.credit() - got) {
      throw new LinkProtocolException("DATA beyond the credit of the session");
    }
  }

  /** Takes bytes that were announced. */
  void take(int channel, ByteBuffer piece, LinkEvents events) throws LinkProtocolException {
    got += piece.remaining();
    if (channel == 0) {
      messages.take(piece, events);
      consumed += messages.collect();
    } else {
      long more = peers(channel).take(piece, events);
      consumed += more; // Events may have moved it, too.
    }
  }

  private InboundStream peers(int channel) throws LinkProtocolException {
    InboundStream stream = streams.get(channel);
    if (stream != null && !stream.isEnded()) {
      return stream;
    }
    if (channel <= highest || (channel & 1) == (client ? 1 : 0)) {
      throw new LinkProtocolException("channel " + channel + " is none that the peer writes");
    }
    if (streams.size() == SendingHalf.MAX_STREAMS) {
      throw new LinkProtocolException(
          LinkCode.TOO_MANY, "more than " + SendingHalf.MAX_STREAMS + " open streams");
    }
    highest = channel;
    InboundStream opened = new InboundStream(channel, limits);
    add(opened);
    return opened;
  }

  private void add(InboundStream stream) {
    if (streams.isEmpty()) {
      streams = new TreeMap<>();
    }
    streams.put(stream.channel, stream);
  }

  /** Takes END. */
  void end(int channel, long offset, LinkCode code, LinkEvents events)
      throws LinkProtocolException {
    InboundStream stream = streams.get(channel);
    if (stream == null || stream.isEnded()) {
      throw new LinkProtocolException("END of channel " + channel + ", which is not open");
    }
    stream.end(offset);
    stream.finish();
    events.ended(channel, code);
  }

  void processed(int size) throws LinkProtocolException {
    consumed += messages.processed(size) + messages.collect();
  }

  /** Goes on with messages that were held back. */
  void deliver(LinkEvents events) throws LinkProtocolException {
    messages.resumeDelivery(events);
    consumed += messages.collect();
  }

  /** Reads from a stream; -1 if it has ended or is none. */
  int read(int channel, ByteBuffer to) {
    InboundStream stream = streams.get(channel);
    if (stream == null || (stream.isEnded() && stream.held.size() == 0)) {
      return -1;
    }
    if (!stream.isOpen()) {
      return 0;
    }
    int n = stream.read(to);
    consumed += stream.acknowledge(stream.taken());
    stream.finish();
    return n;
  }

  void stop(int channel, LinkCode code) {
    InboundStream stream = streams.get(channel);
    if (stream != null && stream.isOpen()) {
      stream.stop(code);
      consumed += stream.acknowledge(stream.held.end());
      stream.finish();
    }
  }

  boolean hasUngranted() {
    return said < consumed
        || messages.isUnsaid()
        || (!streams.isEmpty() && streams.values().stream().anyMatch(Inbound::isUnsaid));
  }

  void grantAll() {
    sayAll = true;
  }

  /** Writes CREDIT, GRANTs and STOPs that are due. */
  void write(ByteBuffer to) {
    if (said < consumed && (sayAll || consumed - said >= limits.credit() / 4) && hasRoom(to)) {
      Frame.head(to, FrameType.CREDIT, Varint.size(consumed));
      Varint.write(to, consumed);
      said = consumed;
    }
    grant(messages, messages.isDue(), to);
    if (!streams.isEmpty()) {
      for (InboundStream each : List.copyOf(streams.values())) {
        writeFor(each, to);
      }
    }
    sayAll &= hasUngranted();
  }

  private void writeFor(InboundStream stream, ByteBuffer to) {
    if (hasRoom(to)) {
      stream.writeStop(to);
    }
    if (grant(stream, stream.isDue() || stream.isOver(), to) && stream.isOver()) {
      streams.remove(stream.channel);
    }
  }

  private boolean grant(Inbound inbound, boolean due, ByteBuffer to) {
    if (!inbound.isUnsaid() || !(due || sayAll) || !hasRoom(to)) {
      return false;
    }
    long offset = inbound.say();
    Frame.head(to, FrameType.GRANT, Varint.size(inbound.channel) + Varint.size(offset));
    Varint.write(to, inbound.channel);
    Varint.write(to, offset);
    return true;
  }

  private static boolean hasRoom(ByteBuffer to) {
    return to.remaining() >= Frame.MIN_ROOM;
  }

  /** Returns what HELLO or WELCOME of a resume says; with it everything acknowledged is said. */
  Offsets offsets() {
    if (!streams.isEmpty()) {
      streams.values().removeIf(InboundStream::isOver);
    }
    List<Offsets.Position> positions = new ArrayList<>();
    positions.add(new Offsets.Position(0, messages.got(), messages.say()));
    for (InboundStream each : streams.values()) {
      each.resume();
      positions.add(new Offsets.Position(each.channel, each.got(), each.say()));
    }
    said = consumed;
    return new Offsets(consumed, highest, positions);
  }

  /** Forgets what was not taken: the peer has broken the protocol. */
  void drop() {
    messages.drop();
    streams = Collections.emptyNavigableMap();
  }

  long buffered() {
    long sum = (long) messages.held.capacity() + definitions.bytes();
    if (!streams.isEmpty()) {
      for (InboundStream each : streams.values()) {
        sum += each.held.capacity();
      }
    }
    return sum;
  }

  void save(ByteSink to) {
    definitions.save(to);
    messages.save(to);
    to.varint(highest).varint(got).varint(consumed).varint(said).varint(streams.size());
    streams.values().forEach(each -> each.save(to));
  }

  static ReceivingHalf restore(Limits limits, boolean client, ByteSource from)
      throws LinkProtocolException {
    Definitions definitions = Definitions.restore(from);
    InboundMessages messages = InboundMessages.restore(limits, definitions, from);
    ReceivingHalf half = new ReceivingHalf(limits, client, definitions, messages);
    half.highest = from.varint(Offsets.MAX_CHANNEL, "the highest channel");
    half.got = from.varint();
    half.consumed = from.varint();
    half.said = from.varint();
    int last = 0;
    for (int left = from.varint(SendingHalf.MAX_STREAMS, "streams"); left > 0; left--) {
      InboundStream stream = InboundStream.restore(limits, from);
      int channel = stream.channel;
      if (channel <= last || channel > half.highest || (channel & 1) == (client ? 1 : 0)) {
        throw new LinkProtocolException("the channel " + channel + " does not fit");
      }
      last = channel;
      half.add(stream);
    }
    if (half.consumed > half.got || half.said > half.consumed) {
      throw new LinkProtocolException("more is consumed than got");
    }
    return half;
  }
}
