package io.baton.worker.session;

import io.baton.config.Settings.ListenerOptions;
import io.baton.pipe.PeerKey;
import io.baton.service.CloseReason;
import io.baton.worker.load.WorkerCounters;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The wait of a session for its client, which has lost its connection: it ends the session when its
 * time is over, or when others need its place. Event loop only.
 */
final class AwayWait {
  private final SessionLifecycle life;
  private final ManagedSession session;
  private @Nullable ScheduledFuture<?> end;

  AwayWait(SessionLifecycle life, ManagedSession session) {
    this.life = life;
    this.session = session;
  }

  /** Whether the client is away. */
  boolean isOn() {
    return end != null;
  }

  /** Returns for how many milliseconds it still waits; negative if the client is there. */
  long leftMs() {
    ScheduledFuture<?> timer = end;
    return timer == null ? -1 : Math.max(0, timer.getDelay(TimeUnit.MILLISECONDS));
  }

  void begin(long ms) {
    WorkerCounters counters = life.context().counters();
    end = life.loop().schedule(() -> end(counters::expired), ms, TimeUnit.MILLISECONDS);
    ListenerOptions options = life.route().options();
    AwaySessions.Bounds bounds =
        new AwaySessions.Bounds(
            options.session().awaits().maxAway(), options.limits().maxConnectionsPerPeer());
    life.context()
        .away()
        .enter(life.route().listener(), bounds, peer(), session, () -> end(counters::displaced));
  }

  private void end(Runnable count) {
    if (!life.state().isOver()) {
      count.run();
      life.ending().abort(CloseReason.CLIENT);
    }
  }

  /** The client is back, or the session has ended or moved. */
  void over() {
    ScheduledFuture<?> timer = end;
    if (timer != null) {
      end = null;
      timer.cancel(false);
      life.context().away().leave(life.route().listener(), peer(), session);
    }
  }

  private PeerKey peer() {
    return PeerKey.of(life.facts().peer());
  }
}
