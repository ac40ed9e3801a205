package io.baton.systemtest;

import io.baton.link.Ending;
import io.baton.link.Link;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A client of Link in the room of {@link LinkRoomModule}, whose messages are numbered from 0. They
 * go to the two topics in turn.
 */
final class LinkRoomGuest implements LinkHandler<LinkRoomWords, LinkRoomWords>, AutoCloseable {
  /** The number of a message that says nothing but that its guest is there. */
  static final int PROBE = -1;

  private final int name;
  private final LinkSession<LinkRoomWords, LinkRoomWords> session;

  // With this object's lock.

  /** The numbers that it has heard of each guest, and in which topics a probe of it. */
  private final Map<Integer, BitSet> heard = new HashMap<>();

  private final Map<Integer, BitSet> probed = new HashMap<>();
  private int said;
  private boolean waits;

  /** Its own that it has not heard yet. */
  private int probes;

  private String flaw = "";

  LinkRoomGuest(int port, int name) throws LinkException {
    this.name = name;
    session =
        Link.open(
            "tcp://127.0.0.1:%d/room".formatted(port),
            LinkRoomModule.TYPES,
            LinkRoomModule.TYPES,
            this);
  }

  // ---- what it does ----

  /** Says to both topics that it is there, if it has heard itself say so before. */
  synchronized void probe() {
    if (probes > 0) {
      return;
    }
    probes = 2;
    for (String topic : List.of(LinkRoomModule.CALLED, LinkRoomModule.RELAYED)) {
      session.send(new LinkRoomWords.Said(topic, name, PROBE));
    }
  }

  /** Says the next message, if it has heard its own last one. */
  synchronized void speak() {
    if (!waits) {
      waits = session.send(new LinkRoomWords.Said(topic(said), name, said));
      said++;
    }
  }

  private static String topic(int number) {
    return number % 2 == 0 ? LinkRoomModule.CALLED : LinkRoomModule.RELAYED;
  }

  @Override
  public void close() {
    session.close();
  }

  // ---- what it hears ----

  @Override
  public synchronized void received(
      LinkSession<LinkRoomWords, LinkRoomWords> of, LinkRoomWords message) {
    switch (message) {
      case LinkRoomWords.Said(String topic, int guest, int number) when number == PROBE -> {
        probed
            .computeIfAbsent(guest, _ -> new BitSet())
            .set(topic.equals(LinkRoomModule.RELAYED) ? 1 : 0);
        probes -= guest == name ? 1 : 0;
      }
      case LinkRoomWords.Said(String topic, int guest, int number) -> {
        BitSet its = heard.computeIfAbsent(guest, _ -> new BitSet());
        if (its.get(number) || !topic.equals(topic(number))) {
          flaw = "twice, or of another topic: " + message;
        }
        its.set(number);
        waits &= guest != name;
      }
      case LinkRoomWords.Missed _ -> flaw = message.toString();
    }
  }

  @Override
  public synchronized void closed(LinkSession<LinkRoomWords, LinkRoomWords> of, Ending why) {
    flaw = flaw.isEmpty() && why.isLost() ? why.toString() : flaw;
  }

  // ---- how it is ----

  /** Returns what went wrong; empty if nothing did. */
  synchronized String flaw() {
    return flaw;
  }

  synchronized int said() {
    return said;
  }

  /** Whether it has heard probes of this many guests, in both topics; forgets them then. */
  synchronized boolean knows(int guests) {
    return probed.values().stream().filter(topics -> topics.cardinality() == 2).count() == guests;
  }

  synchronized void forgetProbes() {
    probed.clear();
  }

  /** Whether it has heard all that a guest, which has stopped, has said. */
  boolean hasAllOf(LinkRoomGuest other) {
    int all = other.said();
    synchronized (this) {
      return heard.getOrDefault(other.name, new BitSet()).cardinality() == all;
    }
  }
}
