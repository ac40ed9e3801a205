package io.baton.bench;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Probes some sessions in turn, so many times a second. A probe that is late is sent all the same,
 * with the time it was due; none is left out. Event loop only.
 */
final class Pace {
  /** Sent in one go, before answers are read again. */
  private static final int MAX_BATCH = 32;

  private final EventLoop loop;
  private final List<Client> clients;
  private final long periodNanos;
  private long dueNanos;
  private int next;
  private boolean stopped;

  Pace(EventLoop loop, List<Client> clients, int perSecond) {
    this.loop = loop;
    this.clients = clients;
    this.periodNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
  }

  void begin() {
    dueNanos = System.nanoTime();
    sendDue();
  }

  void stop() {
    stopped = true;
  }

  private void sendDue() {
    if (stopped) {
      return;
    }
    long now = System.nanoTime();
    for (int i = 0; i < MAX_BATCH && dueNanos - now <= 0; i++) {
      clients.get(next).probe(dueNanos);
      next = (next + 1) % clients.size();
      dueNanos += periodNanos;
    }
    var _ =
        loop.schedule(
            this::sendDue, Math.max(0, dueNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
  }
}
