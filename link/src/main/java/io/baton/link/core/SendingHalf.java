package io.baton.link.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All channels of a session in the direction to the peer, and the credit that they share. */
final class SendingHalf {
  private final Limits peer;
  private final boolean client;
  private final OutboundMessages messages;
  private List<Outbound> channels = Collections.emptyList();
  private final SendCredit credit;

  /** Channels whose end a resume has settled, which the user does not know yet. */
  private List<Integer> untold = List.of();

  /** Whether there may be room that no GRANT tells of: after a resume, or in the whole queue. */
  private boolean tellsRoom;

  /** The channel that had its turn last. */
  private int served;

  /** The number of the next channel: odd numbers are the client's, even ones the server's. */
  private int next;

  SendingHalf(Limits peer, boolean client) {
    this.peer = peer;
    this.client = client;
    messages = new OutboundMessages(0, peer.window());
    credit = new SendCredit(peer.credit());
    next = client ? 1 : 2;
  }

  OutboundMessages messages() {
    return messages;
  }

  SendCredit credit() {
    return credit;
  }

  SendingTurns turns() {
    return new SendingTurns(messages, channels, credit, served);
  }

  /** Writes what the peer's windows and its credit allow. */
  void write(ByteBuffer to) {
    served = turns().write(to);
  }

  /** Returns channel 0 or a message channel of this side that takes messages; null if none. */
  @Nullable OutboundMessages messages(int channel) {
    if (channel == 0) {
      return messages;
    }
    Outbound its = Channel.of(channels, channel);
    return its instanceof OutboundMessages found && !its.isEnding() ? found : null;
  }

  /** Returns the message channel of a name that takes messages; null if there is none. */
  @Nullable OutboundMessages messages(String name) {
    for (Outbound each : channels) {
      if (each instanceof OutboundMessages its && !its.isEnding() && its.name().equals(name)) {
        return its;
      }
    }
    return null;
  }

  /**
   * Queues the FAILED of an ask of the peer.
   *
   * @param channel of the ask
   * @param name of its channel
   */
  void fail(int channel, String name, long ask, Failure why) {
    answers(channel, name).queue(MessageKind.FAILED, ask, -1, why.toBytes());
  }

  /**
   * Returns the channel for the answer to an ask: this side's of the same name if it is open, else
   * channel 0.
   */
  OutboundMessages answers(int channel, String name) {
    OutboundMessages its = channel == 0 ? null : messages(name);
    return its == null ? messages : its;
  }

  @Nullable OutboundStream stream(int channel) {
    return Channel.of(channels, channel) instanceof OutboundStream stream ? stream : null;
  }

  int streams() {
    return (int) channels.stream().filter(OutboundStream.class::isInstance).count();
  }

  /** Returns the number of open channels above 0. */
  int count() {
    return channels.size();
  }

  /** Returns the number of channels that are open, or over without the user's knowing it. */
  int taken() {
    return channels.size() + untold.size();
  }

  /** Adds what there is to say of each channel above 0. */
  void describe(List<ChannelFacts> to) {
    for (Outbound each : channels) {
      to.add(
          switch (each) {
            case OutboundMessages its ->
                new ChannelFacts(its.channel, false, true, its.name(), its.sent());
            case OutboundStream its -> new ChannelFacts(its.channel, false, false, "", its.bytes());
          });
    }
  }

  /** Ends a channel of this side, if there is one. */
  void end(int channel, int code) {
    Outbound its = Channel.of(channels, channel);
    if (its != null) {
      its.end(code);
    }
  }

  /** Returns the bytes kept in memory for the peer. */
  long queued() {
    long sum = messages.kept.size();
    for (Outbound each : channels) {
      sum += each.kept.size();
    }
    return sum;
  }

  /** Returns the bytes of channel 0 that are not sent, and those of others beyond their windows. */
  long unsent() {
    long sum = messages.unsent();
    for (Outbound each : channels) {
      sum += Math.max(0, -each.room());
    }
    return sum;
  }

  /** Returns about how many bytes there are to write, a frame's room for each channel included. */
  long wanted() {
    long sum = messages.unsent();
    for (Outbound each : channels) {
      sum += each instanceof OutboundStream stream ? stream.sendable() : 0;
      sum += each.isAllSent() ? 0 : each.unsent() + Frame.MIN_ROOM;
    }
    return sum;
  }

  long buffered() {
    long sum = messages.kept.capacity();
    for (Outbound each : channels) {
      sum += each.kept.capacity();
    }
    return sum;
  }

  boolean isAllSent() {
    boolean all = messages.isAllSent();
    for (int i = 0; all && i < channels.size(); i++) {
      all = channels.get(i).isAllSent();
    }
    return all;
  }

  /** Returns the number of a new channel; -1 if there are as many as may be. */
  private int nextNumber() {
    if (taken() >= Channel.MAX_OPEN || next > Offsets.MAX_CHANNEL - 2) {
      return -1;
    }
    next += 2;
    return next - 2;
  }

  private void add(Outbound channel) {
    channels = Channel.add(channels, channel);
  }

  /** Opens a stream; returns its number, -1 if there are as many channels as may be. */
  int openStream(String name, long length, @Nullable StreamSource source) {
    int number = nextNumber();
    if (number > 0) {
      add(new OutboundStream(number, peer.window(), name.getBytes(UTF_8), length, source));
    }
    return number;
  }

  /** Opens a message channel; returns its number, -1 if there are as many as may be. */
  int openMessages(String name) {
    int number = nextNumber();
    if (number > 0) {
      add(new OutboundMessages(number, peer.window(), name));
    }
    return number;
  }

  /** Cuts the streams that are read from sources: the session is closing. */
  void cutSources(int code) {
    for (Outbound each : channels) {
      if (each instanceof OutboundStream stream && stream.hasOpenSource()) {
        stream.end(code);
      }
    }
  }

  /** Reads no more from sources. */
  void closeSources() {
    for (Outbound each : channels) {
      if (each instanceof OutboundStream stream) {
        stream.closeSource();
      }
    }
  }

  /** Takes a GRANT. */
  void granted(int channel, long offset, LinkEvents events) throws LinkProtocolException {
    Outbound its = channel == 0 ? messages : own(channel);
    if (its == null) {
      return;
    }
    if (offset < its.acknowledged() || offset > its.most()) {
      throw new LinkProtocolException(
          "a GRANT of channel %d to %d; allowed are %d to %d"
              .formatted(channel, offset, its.acknowledged(), its.most()));
    }
    if (its.acknowledge(offset)) {
      settle(its);
      events.delivered(channel);
    } else if (channel > 0) {
      events.acknowledged(channel);
    }
  }

  private void settle(Outbound channel) {
    channels.remove(channel);
    credit.settle(channel.sent());
    if (channel instanceof OutboundStream stream) {
      stream.closeSource();
    }
  }

  /** The user wants to be told when the queue of all channels has room. */
  void tellRoom() {
    tellsRoom = true;
  }

  /** Tells what the GRANTs did not. */
  void tell(LinkEvents events) {
    if (!tellsRoom) {
      return;
    }
    tellsRoom = false;
    List<Integer> over = untold;
    untold = List.of();
    over.forEach(events::delivered);
    for (Outbound each : List.copyOf(channels)) {
      events.acknowledged(each.channel);
    }
  }

  /** Takes a STOP; returns whether it is news. */
  boolean stopped(int channel, int code) throws LinkProtocolException {
    Outbound its = own(channel);
    if (its instanceof OutboundMessages) {
      throw new LinkProtocolException("STOP of channel " + channel + ", which is no stream");
    }
    return its instanceof OutboundStream stream && stream.stop(code);
  }

  /** Returns a channel of this side, null if it is over. */
  private @Nullable Outbound own(int channel) throws LinkProtocolException {
    if (channel == 0 || channel >= next || (channel & 1) != (next & 1)) {
      throw new LinkProtocolException("channel " + channel + " is none that this side writes");
    }
    return Channel.of(channels, channel);
  }

  /**
   * Continues from what the peer has got.
   *
   * @throws LinkProtocolException DIVERGED, with nothing changed
   */
  void resume(Offsets offsets) throws LinkProtocolException {
    List<Outbound> over = new ArrayList<>();
    long got = credit.settled() + check(offsets.positions().get(0), messages);
    int known = 1;
    for (Outbound each : channels) {
      Offsets.Position position = offsets.of(each.channel);
      if (position != null) {
        known++;
        got += Math.min(check(position, each), each.sent());
      } else if (each.channel <= offsets.highest()) {
        check(each.isEndSent(), each.channel);
        over.add(each);
        got += each.sent();
      } else {
        check(each.acknowledged() == 0, each.channel);
      }
    }
    if (known != offsets.positions().size() || !credit.fits(offsets.consumed(), got)) {
      throw new LinkProtocolException(
          LinkCode.DIVERGED, "the credit or the channels of the resume do not fit");
    }
    resumeAt(offsets, over);
    credit.resume(offsets.consumed(), got);
    tellsRoom |= !channels.isEmpty() || !untold.isEmpty();
  }

  private void resumeAt(Offsets offsets, List<Outbound> over) {
    messages.acknowledge(offsets.positions().get(0).consumed());
    messages.resumeAt(offsets.positions().get(0).got());
    for (Outbound each : List.copyOf(channels)) {
      Offsets.Position position = offsets.of(each.channel);
      boolean isOver = over.contains(each);
      if (position != null) {
        isOver = each.acknowledge(position.consumed());
        each.resumeAt(position.got());
      } else if (!isOver) {
        each.resumeAt(0);
      }
      if (isOver) {
        settle(each);
        addUntold(each.channel);
      }
    }
  }

  private void addUntold(int channel) {
    if (untold.isEmpty()) {
      untold = new ArrayList<>();
    }
    untold.add(channel);
  }

  private static long check(Offsets.Position position, Outbound channel)
      throws LinkProtocolException {
    boolean fits =
        position.consumed() >= channel.acknowledged() && position.got() <= channel.most();
    check(fits, position.channel());
    return position.got();
  }

  private static void check(boolean fits, int channel) throws LinkProtocolException {
    if (!fits) {
      throw new LinkProtocolException(
          LinkCode.DIVERGED, "the offsets of channel " + channel + " do not fit");
    }
  }

  void save(ByteSink to) {
    messages.save(to);
    to.varint(next).flag(tellsRoom).varint(untold.size());
    untold.forEach(to::varint);
    to.varint(channels.size());
    for (Outbound each : channels) {
      boolean isMessages = each instanceof OutboundMessages;
      to.varint(each.channel).u8(isMessages ? Channel.KIND_MESSAGES : Channel.KIND_BYTES);
      each.save(to);
    }
    credit.save(to);
  }

  void restore(ByteSource from, Sources sources) throws LinkProtocolException {
    messages.restore(from);
    next = from.varint(Offsets.MAX_CHANNEL, "the next channel");
    check(next > 0, next, from);
    tellsRoom = from.flag();
    for (int left = from.varint(Channel.MAX_OPEN, "channels that are over"); left > 0; left--) {
      addUntold(from.varint(Offsets.MAX_CHANNEL, "a channel"));
    }
    long sent = messages.sent();
    int last = 0;
    for (int left = from.varint(Channel.MAX_OPEN, "channels"); left > 0; left--) {
      int channel = from.varint(Offsets.MAX_CHANNEL, "a channel");
      check(channel > last && channel < next, channel, from);
      last = channel;
      Outbound restored = restore(channel, from, sources);
      add(restored);
      sent += restored.sent();
    }
    credit.restore(from, sent);
  }

  private Outbound restore(int channel, ByteSource from, Sources sources)
      throws LinkProtocolException {
    if (from.u8() == Channel.KIND_MESSAGES) {
      OutboundMessages its = new OutboundMessages(channel, peer.window());
      its.restore(from);
      return its;
    }
    OutboundStream stream = new OutboundStream(channel, peer.window());
    stream.restore(from, sources);
    return stream;
  }

  private void check(boolean fits, int channel, ByteSource from) throws LinkProtocolException {
    from.check(
        fits && (channel & 1) == (client ? 1 : 0), "the channel " + channel + " does not fit");
  }
}
