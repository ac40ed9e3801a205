package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How far a subscription that catches up has come with one publisher. Publications come from two
 * sides: directly from the publisher, and forwarded by the session's former worker. Each side says
 * numbers in rising order, so what it has gone past will not come from there any more.
 *
 * <pre>
 *   n <= position        it was handed out: drop
 *   n == position + 1    hand out
 *   later                hold; those before are lost once both sides have gone past them
 * </pre>
 *
 * <p>After the publisher's last number is known ({@link #began}), only what it has gone past itself
 * is handed out: then, at the end, the position is the publisher's own last number here, and the
 * subscription needs no cursor any more.
 */
final class Cursor {
  /** Takes what is handed out. */
  interface Sink {
    /** The next publication, which is the sink's to release. */
    void next(Publication publication);

    /** A publication that is held is not needed, and is the sink's to release. */
    void dropped(Publication publication);

    /** The next publications are lost: so many, or {@link TopicOutput#UNKNOWN}. */
    void lost(long count);
  }

  private static final long ALL = Long.MAX_VALUE;
  private static final long NONE = SubscriptionGraph.NONE;

  /** The position before it is known; see {@link #unstarted}. */
  private static final long UNSTARTED = -2;

  final long publisher;
  final Sink sink;
  private final NavigableMap<Long, Publication> held = new TreeMap<>();
  private long position;

  /** Up to here, nothing will come from the publisher; NONE if it has not said its last number. */
  private long direct = NONE;

  /** Where the publisher has begun here; NONE if it has not. */
  private long base = NONE;

  /** Up to here, nothing will be forwarded. */
  private long forwarded;

  /** The highest number that is known to have been given. */
  private long known;

  Cursor(long publisher, long position, Sink sink) {
    this.publisher = publisher;
    this.position = position;
    this.forwarded = position;
    this.known = position;
    this.sink = sink;
  }

  /** One of a publisher that is dying here, and of which all has been handed out elsewhere. */
  static Cursor atEnd(long publisher, Sink sink) {
    return new Cursor(publisher, ALL, sink);
  }

  /**
   * One of a publisher that had not begun for the former worker when the session was saved. It
   * begins where the former worker begins to forward, or, if that does not, where the publisher has
   * begun here.
   *
   * @param last number of the publisher's last publication here; NONE if it has not begun
   */
  static Cursor unstarted(long publisher, long last, Sink sink) {
    Cursor cursor = new Cursor(publisher, UNSTARTED, sink);
    cursor.base = last;
    cursor.direct = last;
    cursor.known = last;
    return cursor;
  }

  boolean isStarted() {
    return position != UNSTARTED;
  }

  /** Whether it is known where the publisher begins, for the session or at least here. */
  boolean hasBegun() {
    return isStarted() || base != NONE;
  }

  /**
   * What follows this number is due; of a publisher on another machine also what has come here
   * before, because it does not say where it begins.
   */
  void start(long n) {
    position = RemotePublications.isRemote(publisher) ? Math.min(n, base) : n;
    while (!held.isEmpty() && held.firstKey() <= position) {
      sink.dropped(held.pollFirstEntry().getValue());
    }
    forwarded = Math.max(forwarded, position);
    known = Math.max(known, position);
    advance();
  }

  /** Nobody has forwarded anything of the publisher, or it has been started. */
  void startHere() {
    if (!isStarted()) {
      start(base);
    }
  }

  /** Whether the publisher has not said its last number. */
  boolean isUnheard() {
    return direct == NONE;
  }

  /** Returns the highest number that is known to have been given. */
  long known() {
    return known;
  }

  long position() {
    return isStarted() ? position : base;
  }

  /** Whether the publisher is dead. */
  boolean isGone() {
    return direct == ALL;
  }

  /** Whether nothing before what comes directly is due any more. */
  boolean isDone() {
    return isGone() ? forwarded == ALL && position >= known : direct == position && isStarted();
  }

  /** The publisher has said its last number. */
  void began(long last) {
    if (position != ALL && isStarted() && !MeshMessage.sameRun(position, last)) {
      drain().forEach(sink::dropped);
      position = last;
      sink.lost(TopicOutput.UNKNOWN);
    }
    if (base == NONE) {
      base = last;
    }
    direct(last);
  }

  /** All up to this number has come from the publisher, or will not. */
  void direct(long n) {
    direct = n;
    known = Math.max(known, n);
    advance();
  }

  /** The publisher has died. */
  void gone() {
    direct = ALL;
    advance();
  }

  /** All up to this number has been forwarded, or will not be. */
  void forwarded(long n) {
    forwarded = Math.max(forwarded, n);
    known = Math.max(known, n);
    advance();
  }

  /** Nothing will be forwarded any more. */
  void forwardedAll() {
    forwarded = ALL;
    advance();
  }

  /**
   * Takes a publication from either side, before that is said to have gone past it.
   *
   * @param mayHold whether there is room if it is not the next
   * @return whether it is held
   */
  boolean offer(Publication publication, boolean mayHold) {
    long n = publication.n();
    if (n <= position || (!mayHold && n > position + 1)) {
      return false;
    }
    if (held.containsKey(n)) {
      return false;
    }
    held.put(n, publication.retain());
    return true;
  }

  private void advance() {
    while (isStarted()) {
      Publication next = held.get(position + 1);
      if (next != null && (direct == NONE || position < direct)) {
        held.remove(++position);
        sink.next(next);
        continue;
      }
      long lost = Math.min(Math.min(direct, forwarded), known);
      if (!held.isEmpty()) {
        lost = Math.min(lost, held.firstKey() - 1);
      }
      if (lost <= position) {
        return;
      }
      long count = MeshMessage.sameRun(position, lost) ? lost - position : TopicOutput.UNKNOWN;
      position = lost;
      sink.lost(count);
    }
  }

  /** Returns what is held, in order, for the caller to release, and holds none of it. */
  List<Publication> drain() {
    List<Publication> all = new ArrayList<>(held.values());
    held.clear();
    return all;
  }
}
