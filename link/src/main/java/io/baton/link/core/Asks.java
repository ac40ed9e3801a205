package io.baton.link.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The open asks of a session in both directions. An ask is open until its one answer, REPLY or
 * FAILED: for the asker until it has come, for the other side until it is queued. So what the other
 * side counts is never more than what the asker does, whatever is on the way.
 */
final class Asks {
  static final int MAX_OPEN = 1_024;

  /** About as much memory as an open ask takes. */
  private static final int BYTES_EACH = 64;

  /** Own asks and their channels, in the order of their numbers; ~channel if it is cancelled. */
  private Map<Long, Integer> own = Collections.emptyMap();

  /** The peer's asks and their channels. */
  private Map<Long, Integer> peers = Collections.emptyMap();

  /** The number of the last own ask. */
  private long last;

  boolean hasRoom() {
    return own.size() < MAX_OPEN;
  }

  int ownCount() {
    return own.size();
  }

  int peersCount() {
    return peers.size();
  }

  int bytes() {
    return BYTES_EACH * (own.size() + peers.size());
  }

  /** Returns the number that the next own ask will have. */
  long next() {
    return last + 1;
  }

  /** Opens the next own ask. */
  long open(int channel) {
    if (own.isEmpty()) {
      own = new LinkedHashMap<>();
    }
    last++;
    own.put(last, channel);
    return last;
  }

  /** Marks an own ask as cancelled; returns whether it was open and not cancelled. */
  boolean cancel(int channel, long ask) {
    Integer its = own.get(ask);
    return its != null && its == channel && own.put(ask, ~channel) != null;
  }

  /** Returns the own asks that are open and not cancelled. */
  List<Map.Entry<Long, Integer>> uncancelled() {
    List<Map.Entry<Long, Integer>> all = new ArrayList<>();
    own.forEach((ask, channel) -> {
      if (channel >= 0) {
        all.add(Map.entry(ask, channel));
      }
    });
    return all;
  }

  /**
   * Takes the answer to an own ask.
   *
   * @return whether its asker waits for it
   */
  boolean answered(long ask) throws LinkProtocolException {
    Integer channel = own.isEmpty() ? null : own.remove(ask);
    if (channel == null && (ask > last || ask == 0)) {
      throw new LinkProtocolException("an answer to ask %d; the last was %d".formatted(ask, last));
    }
    return channel != null && channel >= 0;
  }

  /** Takes an ask of the peer. */
  void asked(int channel, long ask) throws LinkProtocolException {
    if (peers.size() == MAX_OPEN) {
      throw new LinkProtocolException(
          LinkCode.TOO_MANY, "more than %d open asks".formatted(MAX_OPEN));
    }
    if (peers.isEmpty()) {
      peers = new LinkedHashMap<>();
    }
    if (ask == 0 || peers.put(ask, channel) != null) {
      throw new LinkProtocolException("a second ask %d".formatted(ask));
    }
  }

  /** Tells whether an ask of the peer is open. */
  boolean isOpen(int channel, long ask) {
    Integer its = peers.get(ask);
    return its != null && its == channel;
  }

  /** Closes an ask of the peer; returns whether it was open. */
  boolean close(int channel, long ask) {
    return isOpen(channel, ask) && peers.remove(ask) != null;
  }

  void save(ByteSink to) {
    to.varint(last).varint(own.size());
    own.forEach((ask, channel) ->
        to.varint(ask).flag(channel < 0).varint(channel < 0 ? ~channel : channel));
    to.varint(peers.size());
    peers.forEach((ask, channel) -> to.varint(ask).varint(channel));
  }

  void restore(ByteSource from) throws LinkProtocolException {
    long highest = from.varint();
    for (int left = from.varint(MAX_OPEN, "the number of asks"); left > 0; left--) {
      long ask = from.varint();
      boolean isCancelled = from.flag();
      int channel = from.varint(Offsets.MAX_CHANNEL, "a channel");
      from.check(ask > last && ask <= highest, "the ask " + ask + " does not fit");
      last = ask - 1;
      open(isCancelled ? ~channel : channel);
    }
    last = highest;
    for (int left = from.varint(MAX_OPEN, "the number of asks"); left > 0; left--) {
      long ask = from.varint();
      asked(from.varint(Offsets.MAX_CHANNEL, "a channel"), ask);
    }
  }
}
