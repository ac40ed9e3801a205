package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Threads that exchange data on sessions at random, on each at least once, while reloads move all
 * of these.
 *
 * @param <S> a session
 */
final class TalksWhileReloads<S> {
  private static final int THREADS = 4;

  /** Exchanges data on a session once. */
  interface Exchange<S> {
    void on(S session, Random random) throws IOException;
  }

  private final List<S> sessions;
  private final Exchange<S> exchange;
  private final AtomicBoolean over = new AtomicBoolean();

  private TalksWhileReloads(List<S> sessions, Exchange<S> exchange) {
    this.sessions = sessions;
    this.exchange = exchange;
  }

  /** Reloads the server so many times; each time all sessions move, and none is closed. */
  static <S> void run(
      TestServer server, List<S> sessions, int reloads, long seed, Exchange<S> exchange)
      throws Exception {
    TalksWhileReloads<S> all = new TalksWhileReloads<>(sessions, exchange);
    List<FutureTask<Integer>> talks = all.start(seed);
    for (int i = 0; i < reloads; i++) {
      Moved moved = Moved.by(server, "reload");
      assertThat(moved.migrated()).isEqualTo(sessions.size());
      assertThat(moved.closed()).isZero();
    }
    all.over.set(true);
    for (FutureTask<Integer> talk : talks) {
      assertThat(talk.get()).as("exchanges with seed %d", seed).isPositive();
    }
  }

  private List<FutureTask<Integer>> start(long seed) {
    List<FutureTask<Integer>> talks = new ArrayList<>();
    int n = sessions.size();
    for (int i = 0; i < THREADS; i++) {
      List<S> part = sessions.subList(i * n / THREADS, (i + 1) * n / THREADS);
      Random random = new Random(seed + i);
      FutureTask<Integer> talk = new FutureTask<>(() -> talk(part, random));
      talks.add(talk);
      Thread.ofPlatform().name("talk-" + i).start(talk);
    }
    return talks;
  }

  private int talk(List<S> part, Random random) throws IOException {
    int exchanges = 0;
    while (!over.get() || exchanges < part.size()) {
      int next = exchanges < part.size() ? exchanges : random.nextInt(part.size());
      exchange.on(part.get(next), random);
      exchanges++;
    }
    return exchanges;
  }
}
