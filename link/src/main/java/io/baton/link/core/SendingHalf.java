package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** All channels of a session in the direction to the peer, and the credit that they share. */
final class SendingHalf {
  static final int MAX_STREAMS = 64;

  private final Limits peer;
  private final OutboundMessages messages;

  /** By channel; most sessions have none. */
  private NavigableMap<Integer, OutboundStream> streams = Collections.emptyNavigableMap();

  /** The number of the next stream: odd numbers are the client's, even ones the server's. */
  private int next;

  /** The stream that had its turn last. */
  private int served;

  /** Bytes of streams that are over. */
  private long settled;

  /** Bytes sent on all channels, {@link #settled} included. */
  private long sent;

  /** Bytes that the peer has consumed on all channels, as it says. */
  private long consumed;

  SendingHalf(Limits peer, boolean client) {
    this(peer, new OutboundMessages(peer.window()), client ? 1 : 2);
  }

  private SendingHalf(Limits peer, OutboundMessages messages, int next) {
    this.peer = peer;
    this.messages = messages;
    this.next = next;
  }

  OutboundMessages messages() {
    return messages;
  }

  @Nullable OutboundStream stream(int channel) {
    return streams.get(channel);
  }

  /** Returns the bytes kept for the peer. */
  long queued() {
    return messages.kept.size() + sum(each -> each.kept.size());
  }

  long unsent() {
    return messages.queued()
        - messages.sent()
        + sum(each -> each.queued() - each.sent() + Outbound.END_BYTES);
  }

  long buffered() {
    return messages.kept.capacity() + sum(each -> each.kept.capacity());
  }

  private long sum(ToLongFunction<OutboundStream> of) {
    long sum = 0;
    if (!streams.isEmpty()) {
      for (OutboundStream each : streams.values()) {
        sum += of.applyAsLong(each);
      }
    }
    return sum;
  }

  boolean isAllSent() {
    return messages.sent() == messages.queued()
        && streams.values().stream().allMatch(OutboundStream::isAllSent);
  }

  /** Opens a stream; null if there are as many as may be. */
  @Nullable OutboundStream open(byte[] name, long length) {
    if (streams.size() == MAX_STREAMS || next > Offsets.MAX_CHANNEL - 2) {
      return null;
    }
    OutboundStream stream = new OutboundStream(next, peer.window(), name, length);
    add(stream);
    next += 2;
    return stream;
  }

  private void add(OutboundStream stream) {
    if (streams.isEmpty()) {
      streams = new TreeMap<>();
    }
    streams.put(stream.channel, stream);
  }

  /** Forgets what is not sent. */
  void drop() {
    messages.drop();
  }

  /** Writes messages first, then one piece of each stream in turn, as long as anything goes. */
  void write(ByteBuffer to) {
    boolean more = true;
    while (more && to.remaining() >= Frame.MIN_ROOM) {
      boolean waits = !messages.begin(credit());
      long n = messages.writeData(to);
      sent += n;
      boolean streamed = !waits && writeStream(to);
      more = n > 0 || streamed;
    }
  }

  private long credit() {
    return consumed + peer.credit() - sent;
  }

  private boolean writeStream(ByteBuffer to) {
    if (streams.isEmpty()) {
      return false;
    }
    return writeFirst(streams.tailMap(served, false).values(), to)
        || writeFirst(streams.headMap(served, true).values(), to);
  }

  private boolean writeFirst(Iterable<OutboundStream> inTurn, ByteBuffer to) {
    for (OutboundStream each : inTurn) {
      if (isHeldBack(each)) {
        continue;
      }
      long n = each.writeData(to, each.sent() + credit() - messages.reserved());
      sent += n;
      boolean ended = to.remaining() >= Frame.MIN_ROOM && each.writeEnd(to);
      if (n > 0 || ended) {
        served = each.channel;
        return true;
      }
    }
    return false;
  }

  /**
   * Streams begin in the order of their numbers, so that the peer knows the highest it has seen.
   */
  private boolean isHeldBack(OutboundStream stream) {
    return stream.sent() == 0
        && streams.headMap(stream.channel).values().stream().anyMatch(each -> each.sent() == 0);
  }

  /** Takes a GRANT. */
  void granted(int channel, long offset) throws LinkProtocolException {
    if (channel == 0) {
      checkGrant(channel, messages.acknowledged(), offset, messages.sent());
      messages.acknowledge(offset);
      return;
    }
    OutboundStream stream = own(channel);
    if (stream != null) {
      checkGrant(channel, stream.acknowledged(), offset, stream.most());
      if (stream.acknowledge(offset)) {
        settle(stream);
      }
    }
  }

  private void settle(OutboundStream stream) {
    streams.remove(stream.channel);
    settled += stream.sent();
  }

  private static void checkGrant(int channel, long last, long offset, long most)
      throws LinkProtocolException {
    if (offset < last || offset > most) {
      throw new LinkProtocolException(
          "a GRANT of channel %d to %d; allowed are %d to %d"
              .formatted(channel, offset, last, most));
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
  boolean stopped(int channel, LinkCode code) throws LinkProtocolException {
    OutboundStream stream = own(channel);
    return stream != null && stream.stop(code);
  }

  /** Returns a stream of this side, null if it is over. */
  private @Nullable OutboundStream own(int channel) throws LinkProtocolException {
    if (channel == 0 || channel >= next || (channel & 1) != (next & 1)) {
      throw new LinkProtocolException("channel " + channel + " is none that this side writes");
    }
    return streams.get(channel);
  }

  /**
   * Continues from what the peer has got.
   *
   * @throws LinkProtocolException DIVERGED, with nothing changed
   */
  void resume(Offsets offsets) throws LinkProtocolException {
    List<OutboundStream> over = new ArrayList<>();
    long got = settled + check(offsets.positions().get(0), messages, messages.sent());
    int known = 1;
    for (OutboundStream each : streams.values()) {
      Offsets.Position position = offsets.of(each.channel);
      if (position != null) {
        known++;
        got += Math.min(check(position, each, each.most()), each.sent());
      } else if (each.channel <= offsets.highest()) {
        check(each.most() > each.sent(), each.channel);
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
  }

  private void resumeAt(Offsets offsets, List<OutboundStream> over) {
    over.forEach(this::settle);
    resumeAt(messages, offsets.positions().get(0));
    for (OutboundStream each : List.copyOf(streams.values())) {
      Offsets.Position position = offsets.of(each.channel);
      if (position == null) {
        each.resumeAt(0);
      } else {
        each.resumeAt(position.got());
        if (each.acknowledge(position.consumed())) {
          settle(each);
        }
      }
    }
  }

  private static void resumeAt(OutboundMessages messages, Offsets.Position position) {
    messages.acknowledge(position.consumed());
    messages.resumeAt(position.got());
  }

  private static long check(Offsets.Position position, Outbound channel, long most)
      throws LinkProtocolException {
    boolean fits = position.consumed() >= channel.acknowledged() && position.got() <= most;
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
    to.varint(next).varint(settled).varint(consumed).varint(streams.size());
    streams.values().forEach(each -> each.save(to));
  }

  static SendingHalf restore(Limits peer, boolean client, ByteSource from)
      throws LinkProtocolException {
    OutboundMessages messages = OutboundMessages.restore(peer.window(), from);
    int next = from.varint(Offsets.MAX_CHANNEL, "the next channel");
    SendingHalf half = new SendingHalf(peer, messages, next);
    half.settled = from.varint();
    half.consumed = from.varint();
    half.sent = half.settled + messages.sent();
    int last = 0;
    for (int left = from.varint(MAX_STREAMS, "the number of streams"); left > 0; left--) {
      OutboundStream stream = OutboundStream.restore(peer.window(), from);
      checkNumber(stream.channel > last && stream.channel < next, stream.channel, client);
      last = stream.channel;
      half.add(stream);
      half.sent += stream.sent();
    }
    checkNumber(next > 0, next, client);
    if (half.settled < 0 || half.consumed > half.sent || half.sent < 0) {
      throw new LinkProtocolException("more is consumed than sent");
    }
    return half;
  }

  private static void checkNumber(boolean fits, int channel, boolean client)
      throws LinkProtocolException {
    if (!fits || (channel & 1) != (client ? 1 : 0)) {
      throw new LinkProtocolException("the channel " + channel + " does not fit");
    }
  }
}
