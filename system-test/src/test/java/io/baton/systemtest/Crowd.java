package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Many clients, each on one connection for as long as this is open, who say something all the time
 * and know what has to come back. One thread says it, a few clients a turn, so that the load is
 * steady and leaves the machine time for the server.
 *
 * @param <M> a client
 */
abstract class Crowd<M extends Crowd.Member> implements AutoCloseable {
  private static final long TURN_NS = 10_000_000;

  /** One client, and how much it has said and been answered: bytes or messages. */
  static class Member {
    final int number;
    final AtomicLong said = new AtomicLong();
    final AtomicLong answered = new AtomicLong();
    volatile @Nullable String end;

    Member(int number) {
      this.number = number;
    }

    final boolean isThere() {
      return end == null;
    }

    /** That all it will ever be answered it has been. */
    final boolean isOver() {
      return !isThere() || answered.get() == said.get();
    }

    /** That it was answered more than this much, if it is there. */
    final boolean isPast(long mark) {
      return !isThere() || answered.get() > mark;
    }

    @Override
    public String toString() {
      return "client " + number + ", who was answered " + answered + " of " + said;
    }
  }

  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private final Thread thread = new Thread(this::run, "crowd");
  private final int atOnce;
  private volatile List<M> members = List.of();
  private volatile boolean quiet;
  private volatile boolean closed;

  /**
   * @param atOnce so many of them speak in a turn, of which there are at most 100 a second
   */
  Crowd(int atOnce) {
    this.atOnce = atOnce;
  }

  /** They are all connected. */
  final void begin(List<M> all) {
    members = List.copyOf(all);
    thread.start();
  }

  private void run() {
    int next = 0;
    while (!closed) {
      LockSupport.parkNanos(TURN_NS);
      try {
        listen();
        for (int i = 0; i < atOnce && !quiet; i++) {
          M member = members.get(next++ % members.size());
          if (member.isThere()) {
            speak(member);
          }
        }
      } catch (IOException | RuntimeException e) {
        wrong.add("the crowd's thread: " + e);
      }
    }
  }

  /** Hears what has come, where nobody else does. */
  abstract void listen() throws IOException;

  /** Says something, if it does not wait for too much already. */
  abstract void speak(M member) throws IOException;

  /** Closes its connection. */
  abstract void leave(M member) throws IOException;

  final void gotWrong(M member, String what) {
    wrong.add(member + ": " + what);
  }

  final void ended(M member, String how) {
    if (member.isThere()) {
      member.end = how;
    }
  }

  final List<M> members() {
    return members;
  }

  /** Those whose connection the server, or its death, has ended. */
  final List<M> gone() {
    return members.stream().filter(member -> !member.isThere()).toList();
  }

  /** Returns how much all of them together were answered. */
  final long answered() {
    return members.stream().mapToLong(member -> member.answered.get()).sum();
  }

  /** Waits until each that is still there was answered something that it says from now on. */
  final void awaitAnswers() {
    Map<M, Long> marks = new LinkedHashMap<>();
    members.forEach(member -> marks.put(member, member.said.get()));
    Wait.until(
        "everybody is answered",
        () -> {
          assertNothingWrong();
          marks.entrySet().removeIf(each -> each.getKey().isPast(each.getValue()));
          return marks.keySet();
        },
        Set::isEmpty);
  }

  /** All bytes and messages that came were the right ones, in the right order. */
  final void assertNothingWrong() {
    assertThat(wrong).isEmpty();
  }

  /** Nobody was closed, and nobody got anything wrong. */
  final void assertUnharmed() {
    assertNothingWrong();
    assertThat(gone()).map(member -> member + ": " + member.end).isEmpty();
  }

  /** Says nothing more; waits until all that was said is answered. Nobody leaves. */
  final void finish() {
    quiet = true;
    Wait.until(
        "the last answers",
        () -> {
          assertNothingWrong();
          return members.stream().filter(member -> !member.isOver()).toList();
        },
        List::isEmpty);
  }

  @Override
  public void close() throws IOException {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a crowd leaves", e);
    }
    for (M member : members) {
      leave(member);
    }
  }
}
