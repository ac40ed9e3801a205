package io.baton.link.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one side has received of a session, as HELLO and WELCOME of a resume say it.
 *
 * @param consumed bytes consumed on all channels so far, closed ones included
 * @param highest the highest number of a stream of the peer that was seen, 0 if none. A stream up
 *     to it that is not listed has ended and is settled
 * @param positions by ascending channel; channel 0 is the first
 */
record Offsets(long consumed, int highest, List<Position> positions) {
  static final int MAX_POSITIONS = 65;
  static final int MAX_CHANNEL = Integer.MAX_VALUE;

  /**
   * What one side has received of a channel.
   *
   * @param got bytes received, END counting as one
   * @param consumed bytes acknowledged
   */
  record Position(int channel, long got, long consumed) {}

  Offsets {
    positions = List.copyOf(positions);
  }

  @Nullable Position of(int channel) {
    for (Position each : positions) {
      if (each.channel() == channel) {
        return each;
      }
    }
    return null;
  }

  void write(ByteSink to) {
    to.varint(consumed).varint(highest).varint(positions.size());
    for (Position each : positions) {
      to.varint(each.channel()).varint(each.got()).varint(each.consumed());
    }
  }

  static Offsets read(ByteSource from) throws LinkProtocolException {
    long consumed = from.varint();
    int highest = from.varint(MAX_CHANNEL, "the highest channel");
    int n = from.varint(MAX_POSITIONS, "the number of channels");
    List<Position> positions = new ArrayList<>();
    int last = -1;
    for (int i = 0; i < n; i++) {
      int channel = from.varint(MAX_CHANNEL, "a channel");
      long got = from.varint();
      long acknowledged = from.varint();
      if (channel <= last || (i == 0) != (channel == 0) || channel > highest) {
        throw new LinkProtocolException("the channels of a resume are not in order");
      }
      if (acknowledged > got) {
        throw new LinkProtocolException("more is consumed of channel " + channel + " than got");
      }
      last = channel;
      positions.add(new Position(channel, got, acknowledged));
    }
    if (n == 0) {
      throw new LinkProtocolException("a resume lists channel 0");
    }
    return new Offsets(consumed, highest, positions);
  }
}
