package io.baton.worker.codec.link;

import io.baton.link.service.SessionDriver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The times at which a session writes by itself: what is processed is granted within {@value
 * #GRANT_MS} ms (docs/PROTOCOLS.md), and a client whose clock is estimated is asked for its time. A
 * session has this object only while it waits for one of them. Event loop only.
 */
final class LinkTimers {
  private static final long GRANT_MS = 200;

  private final EventExecutor loop;
  private final SessionDriver driver;
  private final Runnable rang;
  private @Nullable ScheduledFuture<?> grant;
  private @Nullable ScheduledFuture<?> ping;

  /**
   * @param rang called behind each timer: there is something to write
   */
  LinkTimers(EventExecutor loop, SessionDriver driver, Runnable rang) {
    this.loop = loop;
    this.driver = driver;
    this.rang = rang;
  }

  /** Tells whether a session has anything to wait for. */
  static boolean areNeeded(SessionDriver driver) {
    return driver.core().hasUngranted() || driver.nextPing().isPresent();
  }

  /** Tells whether any of the times is to come. */
  boolean areWaiting() {
    return grant != null || ping != null;
  }

  /** Begins to wait for what may have become due. */
  void look() {
    if (grant == null && driver.core().hasUngranted()) {
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
    rang.run();
  }

  private void ping() {
    ping = null;
    driver.ping();
    look();
    rang.run();
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
