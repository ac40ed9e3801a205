package io.baton.worker.tls;

import io.baton.pipe.Load;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * The handshakes of this worker: {@value #MAX} at a time, because each takes memory and time; the
 * next wait, unread, for their turn. Event loop only.
 */
public final class Handshakes {
  static final int MAX = 256;

  /** What one takes outside of the JVM's heap, about, in bytes. */
  private static final long SIZE = 48 * 1024;

  private final LongConsumer held;
  private final Set<Handshake> underWay = new LinkedHashSet<>();
  private final Queue<Handshake> waiting = new ArrayDeque<>();
  private long full;
  private long resumed;
  private long failed;
  private Runnable onEnded = () -> {};

  /**
   * @param held is told how many bytes more, or fewer, are kept
   */
  Handshakes(LongConsumer held) {
    this.held = held;
  }

  /** Sets who is told, after the fact, that one has ended. */
  public void watch(Runnable ended) {
    onEnded = ended;
  }

  /** Returns how many have ended, and how. */
  public Load.Handshakes count() {
    return new Load.Handshakes(full, resumed, failed);
  }

  /** Whether none is under way or waits. */
  public boolean isEmpty() {
    return underWay.isEmpty() && waiting.isEmpty();
  }

  /** Returns whether it may begin at once; else it is told. */
  boolean enter(Handshake handshake) {
    if (underWay.size() >= MAX) {
      waiting.add(handshake);
      return false;
    }
    underWay.add(handshake);
    held.accept(SIZE);
    return true;
  }

  /**
   * It has ended, with a connection that is encrypted.
   *
   * @param session whether it has resumed one
   */
  void done(Handshake handshake, boolean session) {
    if (session) {
      resumed++;
    } else {
      full++;
    }
    leave(handshake);
  }

  /** It has ended with nothing. */
  void failed(Handshake handshake) {
    failed++;
    leave(handshake);
  }

  private void leave(Handshake handshake) {
    if (underWay.remove(handshake)) {
      held.accept(-SIZE);
      Handshake next = waiting.poll();
      if (next != null) {
        underWay.add(next);
        held.accept(SIZE);
        next.begin();
      }
    } else {
      waiting.remove(handshake);
    }
    onEnded.run();
  }

  /** Ends all of them now. */
  public void abort() {
    for (Handshake each : List.copyOf(waiting)) {
      each.abort();
    }
    for (Handshake each : List.copyOf(underWay)) {
      each.abort();
    }
  }
}
