package io.baton.worker.pipe;

import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Offended;
import io.baton.pipe.PeerKey;
import io.baton.pipe.Pipe;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Connections that have ended and that the manager has not heard of: only numbers, by listener and,
 * where a listener limits connections per peer, by peer. They are told with each load report, and
 * at once when they are many.
 *
 * <p>Bounded though the pipe may be full: while it is, nobody comes, and whoever is in here was
 * taken before. Event loop only.
 */
public final class Departures {
  /** So many are not kept until the next report. */
  static final int MANY = 64;

  private record Offender(int listener, PeerKey peer) {}

  /** Messages in one packet. */
  private static final int MAX_MESSAGES = 256;

  /** By listener: ended connections that are of nobody in particular. */
  private final int[] counts;

  /** By listener: ended connections by whose they were. */
  private final List<Map<PeerKey, Integer>> peers = new ArrayList<>();

  /** Whose connections ended for a breach of their protocol, where that is of interest. */
  private final Map<Offender, Integer> offences = new HashMap<>(0);

  private int total;
  private boolean urgent;
  private Runnable whenUrgent = () -> {};

  public Departures(int listeners) {
    counts = new int[listeners];
    for (int i = 0; i < listeners; i++) {
      peers.add(new HashMap<>(0));
    }
  }

  /** Runs after each departure that cannot wait for the next report. */
  void watch(Runnable whenUrgent) {
    this.whenUrgent = whenUrgent;
  }

  /**
   * A connection that was taken has ended.
   *
   * @param peer whose it was, if its listener limits connections per peer
   * @param limited whether somebody may be waiting for the room it leaves: then the manager is told
   *     at once
   */
  public void add(int listener, @Nullable PeerKey peer, boolean limited) {
    urgent |= limited;
    if (peer == null) {
      counts[listener]++;
    } else {
      peers.get(listener).merge(peer, 1, Integer::sum);
    }
    total++;
    if (areUrgent()) {
      whenUrgent.run();
    }
  }

  /** A connection that is to be added has ended because the peer broke its protocol. */
  public void offended(int listener, PeerKey peer) {
    offences.merge(new Offender(listener, peer), 1, Integer::sum);
  }

  boolean areUrgent() {
    return urgent || total >= MANY;
  }

  /** Tells the manager of as many as go. */
  Pipe.Sent flush(Pipe pipe) {
    while (!offences.isEmpty()) {
      List<Map.Entry<Offender, Integer>> told =
          offences.entrySet().stream().limit(MAX_MESSAGES).toList();
      Pipe.Sent sent = pipe.send(told.stream().map(Departures::message).toList(), List.of());
      if (sent != Pipe.Sent.YES) {
        return sent;
      }
      told.forEach(each -> offences.remove(each.getKey()));
    }
    while (total > 0) {
      List<Departed> packet = packet();
      Pipe.Sent sent = pipe.send(packet, List.of());
      if (sent != Pipe.Sent.YES) {
        return sent;
      }
      packet.forEach(this::told);
    }
    urgent = false;
    return Pipe.Sent.YES;
  }

  private List<Departed> packet() {
    List<Departed> packet = new ArrayList<>();
    for (int i = 0; i < counts.length && packet.size() < MAX_MESSAGES; i++) {
      if (counts[i] > 0) {
        packet.add(new Departed(i, null, counts[i]));
      }
    }
    for (int i = 0; i < counts.length; i++) {
      for (Map.Entry<PeerKey, Integer> each : peers.get(i).entrySet()) {
        if (packet.size() == MAX_MESSAGES) {
          return packet;
        }
        packet.add(new Departed(i, each.getKey(), each.getValue()));
      }
    }
    return packet;
  }

  private static Offended message(Map.Entry<Offender, Integer> offender) {
    return new Offended(
        offender.getKey().listener(), offender.getKey().peer(), offender.getValue());
  }

  private void told(Departed departed) {
    if (departed.peer() == null) {
      counts[departed.listener()] = 0;
    } else {
      peers.get(departed.listener()).remove(departed.peer());
    }
    total -= departed.count();
  }
}
