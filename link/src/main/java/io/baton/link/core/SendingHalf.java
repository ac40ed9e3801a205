package io.baton.link.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All channels of a session in the direction to the peer, and the credit that they share. */
final class SendingHalf {
  private final Limits peer;
  private final boolean client;
  private final OutboundMessages messages;
  private final Channel.Numbered<Outbound> channels = new Channel.Numbered<>();

  /** Channels whose end a resume has settled, which the user does not know yet. */
  private final List<Integer> untold = new ArrayList<>(0);

  /** Whether there may be room that no GRANT tells of: after a resume, or in the whole queue. */
  private boolean tellsRoom;

  /** The number of the next channel: odd numbers are the client's, even ones the server's. */
  private int next;

  /** The channel that had its turn last. */
  private int served;

  /** Bytes of channels that are over. */
  private long settled;

  /** Bytes sent on all channels, {@link #settled} included. */
  private long sent;

  /** Bytes that the peer has consumed on all channels, as it says. */
  private long consumed;

  SendingHalf(Limits peer, boolean client) {
    this.peer = peer;
    this.client = client;
    messages = new OutboundMessages(0, peer.window());
    next = client ? 1 : 2;
  }

  OutboundMessages messages() {
    return messages;
  }

  /** Returns channel 0 or a message channel of this side that takes messages; null if none. */
  @Nullable OutboundMessages messages(int channel) {
    if (channel == 0) {
      return messages;
    }
    Outbound its = channels.of(channel);
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

  @Nullable OutboundStream stream(int channel) {
    return channels.of(channel) instanceof OutboundStream stream ? stream : null;
  }

  int streams() {
    return (int) channels.stream().filter(OutboundStream.class::isInstance).count();
  }

  /** Returns the number of open channels above 0. */
  int count() {
    return channels.size();
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
    Outbound its = channels.of(channel);
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

  /** Returns the bytes in memory that are not sent. */
  long unsent() {
    long sum = messages.unsent();
    for (Outbound each : channels) {
      sum += each.unsent();
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
    if (channels.size() + untold.size() >= Channel.MAX_OPEN || next > Offsets.MAX_CHANNEL - 2) {
      return -1;
    }
    next += 2;
    return next - 2;
  }

  /** Opens a stream; returns its number, -1 if there are as many channels as may be. */
  int openStream(String name, long length, @Nullable StreamSource source) {
    int number = nextNumber();
    if (number > 0) {
      channels.add(new OutboundStream(number, peer.window(), name.getBytes(UTF_8), length, source));
    }
    return number;
  }

  /** Opens a message channel; returns its number, -1 if there are as many as may be. */
  int openMessages(String name) {
    int number = nextNumber();
    if (number > 0) {
      channels.add(new OutboundMessages(number, peer.window(), name));
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

  /** Writes channel 0 first, then one piece of each channel in turn, as long as anything goes. */
  void write(ByteBuffer to) {
    boolean more = true;
    while (more && Frame.hasRoom(to)) {
      long free = begin();
      int n = messages.writeData(to, messages.limit(free));
      sent += n;
      more = n > 0;
      if (!channels.isEmpty() && Frame.hasRoom(to)) {
        more |= writeNext(to, free);
      }
    }
  }

  private long credit() {
    return consumed + peer.credit() - sent;
  }

  /**
   * Lets messages begin as far as there is credit; the first that waits lets no other begin.
   *
   * @return the credit that is free for streams; -1 if a message waits
   */
  private long begin() {
    long free = messages.begin(credit() - reserved());
    if (channels.isEmpty()) {
      return free;
    }
    Outbound first = firstUnsent();
    int start = afterServed();
    for (int i = 0; i < channels.size() && free >= 0; i++) {
      Outbound each = channels.get((start + i) % channels.size());
      if (each instanceof OutboundMessages its && isInOrder(each, first)) {
        free = its.begin(free);
      }
    }
    return free;
  }

  /** Returns how many bytes of the credit are set aside for messages that have begun. */
  long reserved() {
    long sum = messages.reserved();
    for (int i = 0; i < channels.size(); i++) {
      sum += channels.get(i) instanceof OutboundMessages its ? its.reserved() : 0;
    }
    return sum;
  }

  private boolean writeNext(ByteBuffer to, long free) {
    Outbound first = firstUnsent();
    int start = afterServed();
    for (int i = 0; i < channels.size(); i++) {
      Outbound each = channels.get((start + i) % channels.size());
      if (isInOrder(each, first)) {
        int n = each.writeData(to, each.limit(free));
        sent += n;
        if (each.writeEnd(to) || n > 0) {
          served = each.channel;
          return true;
        }
      }
    }
    return false;
  }

  private int afterServed() {
    int at = 0;
    while (at < channels.size() && channels.get(at).channel <= served) {
      at++;
    }
    return at;
  }

  /**
   * Tells whether a channel has begun or is the next to: the peer knows the highest it has seen.
   */
  private static boolean isInOrder(Outbound channel, @Nullable Outbound first) {
    return channel.sent() > 0 || channel.equals(first);
  }

  private @Nullable Outbound firstUnsent() {
    for (int i = 0; i < channels.size(); i++) {
      if (channels.get(i).sent() == 0) {
        return channels.get(i);
      }
    }
    return null;
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
    settled += channel.sent();
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
    List<Integer> over = List.copyOf(untold);
    untold.clear();
    over.forEach(events::delivered);
    for (Outbound each : List.copyOf(channels)) {
      events.acknowledged(each.channel);
    }
  }

  /** Takes a CREDIT. */
  void credited(long total) throws LinkProtocolException {
    if (total < consumed || total > sent) {
      throw new LinkProtocolException(
          "a CREDIT to %d; allowed are %d to %d".formatted(total, consumed, sent));
    }
    consumed = total;
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
    return channels.of(channel);
  }

  /**
   * Continues from what the peer has got.
   *
   * @throws LinkProtocolException DIVERGED, with nothing changed
   */
  void resume(Offsets offsets) throws LinkProtocolException {
    List<Outbound> over = new ArrayList<>();
    long got = settled + check(offsets.positions().get(0), messages);
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
    if (known != offsets.positions().size()
        || offsets.consumed() < consumed
        || offsets.consumed() > got) {
      throw new LinkProtocolException(
          LinkCode.DIVERGED, "the credit or the channels of the resume do not fit");
    }
    resumeAt(offsets, over);
    sent = got;
    consumed = offsets.consumed();
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
        untold.add(each.channel);
      }
    }
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
    to.varint(next).varint(settled).varint(consumed).flag(tellsRoom).varint(untold.size());
    untold.forEach(to::varint);
    to.varint(channels.size());
    for (Outbound each : channels) {
      boolean isMessages = each instanceof OutboundMessages;
      to.varint(each.channel).u8(isMessages ? Channel.KIND_MESSAGES : Channel.KIND_BYTES);
      each.save(to);
    }
  }

  void restore(ByteSource from, Sources sources) throws LinkProtocolException {
    messages.restore(from);
    next = from.varint(Offsets.MAX_CHANNEL, "the next channel");
    check(next > 0, next, from);
    settled = from.varint();
    consumed = from.varint();
    tellsRoom = from.flag();
    for (int left = from.varint(Channel.MAX_OPEN, "channels that are over"); left > 0; left--) {
      untold.add(from.varint(Offsets.MAX_CHANNEL, "a channel"));
    }
    sent = settled + messages.sent();
    int last = 0;
    for (int left = from.varint(Channel.MAX_OPEN, "channels"); left > 0; left--) {
      int channel = from.varint(Offsets.MAX_CHANNEL, "a channel");
      check(channel > last && channel < next, channel, from);
      last = channel;
      Outbound restored = restore(channel, from, sources);
      channels.add(restored);
      sent += restored.sent();
    }
    from.check(consumed <= sent && sent >= 0 && credit() >= 0, "more is consumed than sent");
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
