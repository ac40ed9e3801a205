package io.baton.worker.topics;

import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A session of the simulation, and what it has got so far of each topic that it has now. */
final class SimulatedSession {
  /** What a session has got of one publisher. */
  static final class Track {
    final long start;
    long last;
    long received;

    private Track(long start) {
      this.start = start;
      this.last = start;
    }
  }

  /** What a session has got of one topic. */
  static final class Log {
    final Map<Long, Track> tracks = new HashMap<>();

    /** After which number what it gets of a publisher may have begun. */
    final Map<Long, Long> perhaps = new HashMap<>();

    long missed;
    boolean unknown;

    /** Numbers of other machines' workers when the topic was subscribed. */
    Map<Long, Long> due = Map.of();

    /** Whether it caught up when something of another machine came for the first time. */
    boolean isVague;
  }

  /** What its service is still to be called with: a publication, or a loss. */
  record Call(@Nullable Publication publication) {}

  final long id;
  final Map<String, Log> logs = new HashMap<>();
  final Deque<Call> lane = new ArrayDeque<>();

  /** Where it is; null if it is on its way, or dead. */
  @Nullable SimulatedWorker at;

  boolean frozen;
  boolean saved;
  @Nullable TopicPositions positions;
  long frozenAt;
  long departedAt;
  long resumedAt;

  /** It has lost its former worker, or waited for it in vain. */
  boolean alone;

  SimulatedSession(long id) {
    this.id = id;
  }

  void deliver(SimulatedWorker by, Publication publication) {
    check(by);
    lane.add(new Call(publication));
    Log log = logs.get(publication.topic());
    if (log == null) {
      fail("session %d gets %s, which it does not have", id, publication.topic());
      return;
    }
    long publisher = publication.publisher();
    if (by.router.catchesUp(id)) {
      log.isVague |= !log.tracks.containsKey(publisher);
    }
    if (log.unknown || by.router.catchesUp(id) || RemotePublications.isRemote(publisher)) {
      log.tracks.computeIfAbsent(publisher, _ -> new Track(publication.n() - 1));
    }
    Track track = log.tracks.get(publisher);
    if (track != null && track.received == 0 && log.unknown) {
      track = new Track(publication.n() - 1); // it may begin anywhere
      log.tracks.put(publisher, track);
    }
    if (track == null) {
      fail("session %d gets %s of %d too early", id, publication.topic(), publisher);
    } else if (publication.n() <= track.last) {
      fail("session %d gets number %d after %d", id, publication.n(), track.last);
    } else {
      track.last = publication.n();
      track.received++;
    }
  }

  void missed(SimulatedWorker by, String topic, long count) {
    check(by);
    lane.add(new Call(null));
    Log log = logs.get(topic);
    if (log == null) {
      fail("session %d misses %s, which it does not have", id, topic);
    } else if (count == TopicOutput.UNKNOWN) {
      log.unknown = true;
    } else {
      log.missed += count;
    }
  }

  private void check(SimulatedWorker by) {
    if (at != by || saved) {
      fail("session %d is called by worker %d, though it is not there", id, by.id);
    }
  }

  /** What it gets of a publisher begins after about this number, unless it began before. */
  void beginsAbout(String topic, long publisher, long n) {
    beginsSomewhere(topic, publisher);
    begins(topic, publisher, n);
  }

  /** What it gets of a publisher begins somewhere, unless it began before. */
  void beginsSomewhere(String topic, long publisher) {
    Log log = logs.get(topic);
    if (log != null && !log.tracks.containsKey(publisher)) {
      log.isVague = true;
    }
  }

  /** What it gets of a publisher will perhaps begin after this number, unless it began before. */
  void mayBegin(String topic, long publisher, long n) {
    Log log = logs.get(topic);
    if (log != null) {
      log.perhaps.putIfAbsent(publisher, n);
    }
  }

  /** What it gets of a publisher begins after this number, unless it began before. */
  void begins(String topic, long publisher, long n) {
    Log log = logs.get(topic);
    if (log == null) {
      fail("session %d has %s, which it has not subscribed", id, topic);
    } else {
      log.tracks.computeIfAbsent(publisher, _ -> new Track(n));
    }
  }
}
