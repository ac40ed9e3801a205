package io.baton.worker.codec.link;

import io.baton.link.service.SessionDriver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The times at which a session writes by itself: what is processed is granted within {@value
 * #GRANT_MS} ms (docs/PROTOCOLS.md), and a client whose clock is estimated is asked for its time.
 * Event loop only.
 */
final class LinkTimers {
  private static final long GRANT_MS = 200;

  private final EventExecutor loop;
  private final SessionDriver driver;
  private final Runnable write;
  private @Nullable ScheduledFuture<?> grant;
  private @Nullable ScheduledFuture<?> ping;

  /**
   * @param write sends what there is to write
   */
  LinkTimers(EventExecutor loop, SessionDriver driver, Runnable write) {
    this.loop = loop;
    this.driver = driver;
    this.write = write;
  }

  /** Begins to wait for what may have become due. */
  void look() {
    if (grant == null && driver.core().hasUngranted() && driver.core().attached()) {
      grant = loop.schedule(this::grant, GRANT_MS, TimeUnit.MILLISECONDS);
    }
    if (ping == null) {
      OptionalLong next = driver.nextPing();
      if (next.isPresent()) {
        long wait = Math.max(0, next.getAsLong() - System.nanoTime());
        ping = loop.schedule(this::ping, wait, TimeUnit.NANOSECONDS);
      }
    }
  }

  private void grant() {
    grant = null;
    driver.core().grantAll();
    driver.trim();
    write.run();
  }

  private void ping() {
    ping = null;
    driver.ping();
    write.run();
    look();
  }

  /** Waits for nothing any more. */
  void stop() {
    if (grant != null) {
      grant.cancel(false);
      grant = null;
    }
    if (ping != null) {
      ping.cancel(false);
      ping = null;
    }
  }
}
