package io.baton.worker.pipe;

import io.baton.pipe.Message.Change;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Offended;
import io.baton.pipe.Message.Recounted;
import io.baton.pipe.Message.ToManager;
import io.baton.pipe.PeerKey;
import io.baton.pipe.Pipe;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Connections that have ended or count otherwise, and that the manager has not heard of: only
 * numbers, by listener and, where a listener limits connections per peer, by peer. They are told
 * with each load report, and at once when they are many.
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

  private final Tally departed;
  private final Map<Change, Tally> recounted = new EnumMap<>(Change.class);

  /** Whose connections ended for a breach of their protocol, where that is of interest. */
  private final Map<Offender, Integer> offences = new HashMap<>(0);

  private boolean urgent;
  private Runnable whenUrgent = () -> {};

  public Departures(int listeners) {
    departed = new Tally(listeners, Departed::new);
    for (Change change : Change.values()) {
      recounted.put(
          change,
          new Tally(listeners, (listener, peer, n) -> new Recounted(listener, peer, change, n)));
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
    departed.add(listener, peer);
    added(limited);
  }

  /** Likewise, of what counts otherwise from now on. */
  public void recounted(Change change, int listener, @Nullable PeerKey peer, boolean limited) {
    tally(change).add(listener, peer);
    added(limited);
  }

  private void added(boolean limited) {
    urgent |= limited;
    if (areUrgent()) {
      whenUrgent.run();
    }
  }

  /** A connection that is to be added has ended because the peer broke its protocol. */
  public void offended(int listener, PeerKey peer) {
    offences.merge(new Offender(listener, peer), 1, Integer::sum);
  }

  /**
   * A connection, or a session that is away, is about to be given: the manager has to know before
   * as what it counts.
   */
  void settleBeforeGiven() {
    if (tally(Change.LOST).total + tally(Change.ADMITTED).total + tally(Change.AWAY_ARRIVED).total
        > 0) {
      urgent = true;
      whenUrgent.run();
    }
  }

  boolean areUrgent() {
    return urgent || total() >= MANY;
  }

  private int total() {
    int total = departed.total;
    for (Tally each : recounted.values()) {
      total += each.total;
    }
    return total;
  }

  private Tally tally(Change change) {
    Tally tally = recounted.get(change);
    if (tally == null) {
      throw new IllegalStateException("no tally of " + change);
    }
    return tally;
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
    // What is admitted may have ended, and what is lost may be away no more.
    for (Tally each :
        List.of(
            tally(Change.ADMITTED),
            departed,
            tally(Change.LOST),
            tally(Change.AWAY_ARRIVED),
            tally(Change.AWAY_ENDED))) {
      Pipe.Sent sent = each.flush(pipe);
      if (sent != Pipe.Sent.YES) {
        return sent;
      }
    }
    urgent = false;
    return Pipe.Sent.YES;
  }

  private static Offended message(Map.Entry<Offender, Integer> offender) {
    return new Offended(
        offender.getKey().listener(), offender.getKey().peer(), offender.getValue());
  }

  /** Those that the same thing has happened to. */
  private static final class Tally {

    /** Makes the message. */
    interface Telling {
      ToManager of(int listener, @Nullable PeerKey peer, int count);
    }

    /** What is told together, of one listener and peer. */
    private record Told(int listener, @Nullable PeerKey peer, int count) {}

    private final Telling telling;

    /** By listener: those that are of nobody in particular. */
    private final int[] counts;

    /** By listener: the others, by whose they are. */
    private final List<Map<PeerKey, Integer>> peers = new ArrayList<>();

    private int total;

    Tally(int listeners, Telling telling) {
      this.telling = telling;
      counts = new int[listeners];
      for (int i = 0; i < listeners; i++) {
        peers.add(new HashMap<>(0));
      }
    }

    void add(int listener, @Nullable PeerKey peer) {
      if (peer == null) {
        counts[listener]++;
      } else {
        peers.get(listener).merge(peer, 1, Integer::sum);
      }
      total++;
    }

    Pipe.Sent flush(Pipe pipe) {
      while (total > 0) {
        List<Told> packet = packet();
        Pipe.Sent sent =
            pipe.send(
                packet.stream().map(t -> telling.of(t.listener, t.peer, t.count)).toList(),
                List.of());
        if (sent != Pipe.Sent.YES) {
          return sent;
        }
        packet.forEach(this::told);
      }
      return Pipe.Sent.YES;
    }

    private List<Told> packet() {
      List<Told> packet = new ArrayList<>();
      for (int i = 0; i < counts.length && packet.size() < MAX_MESSAGES; i++) {
        if (counts[i] > 0) {
          packet.add(new Told(i, null, counts[i]));
        }
      }
      for (int i = 0; i < counts.length; i++) {
        for (Map.Entry<PeerKey, Integer> each : peers.get(i).entrySet()) {
          if (packet.size() == MAX_MESSAGES) {
            return packet;
          }
          packet.add(new Told(i, each.getKey(), each.getValue()));
        }
      }
      return packet;
    }

    private void told(Told told) {
      if (told.peer == null) {
        counts[told.listener] = 0;
      } else {
        peers.get(told.listener).remove(told.peer);
      }
      total -= told.count;
    }
  }
}
