package io.baton.manager;

import io.baton.manager.fleet.Generation;
import io.baton.manager.text.Units;
import io.baton.posix.NotifySocket;
import io.baton.posix.PosixException;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reports of a server to the service manager that has started it (sd_notify(3), {@code
 * Type=notify} of systemd). For any thread; messages leave in the order of the calls, and after
 * {@link #stopping} there is none.
 *
 * <pre>
 *   (start) ──► READY=1 ──► RELOADING=1 ──► READY=1 ──► STOPPING=1
 *                  └───────────────────────────────────────▲
 * </pre>
 */
final class ServiceNotifier implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServiceNotifier.class);

  /** What a server needs to end beside the time that its connections have. */
  private static final long END_MS = 15_000;

  private static final long CLOSE_MS = 3_000;

  private final Consumer<String> to;
  private final Runnable end;
  private final LongSupplier nowUs;
  private boolean started;
  private boolean stopping;

  /**
   * @param to sends a message; must not block
   * @param end closes what messages are sent with
   * @param nowUs CLOCK_MONOTONIC in microseconds
   */
  ServiceNotifier(Consumer<String> to, Runnable end, LongSupplier nowUs) {
    this.to = to;
    this.end = end;
    this.nowUs = nowUs;
  }

  /** Reports to nobody. */
  static ServiceNotifier none() {
    return new ServiceNotifier(_ -> {}, () -> {}, () -> 0);
  }

  /** Reports to the socket that {@code NOTIFY_SOCKET} names, if there is one. */
  static ServiceNotifier of(Map<String, String> environment) {
    String name = environment.getOrDefault("NOTIFY_SOCKET", "");
    if (name.isEmpty()) {
      return none();
    }
    try {
      return of(NotifySocket.connect(name));
    } catch (PosixException | IllegalArgumentException e) {
      log.warn("NOTIFY_SOCKET cannot be used: {}; the server reports to nobody", e.getMessage());
      return none();
    }
  }

  /** With a thread of its own: a service manager that does not read must not hold up the server. */
  private static ServiceNotifier of(NotifySocket socket) {
    ExecutorService thread =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name("notify").daemon().factory());
    return new ServiceNotifier(
        message -> thread.execute(() -> send(socket, message)),
        () -> end(thread, socket),
        // On Linux the JVM's clock is CLOCK_MONOTONIC.
        () -> TimeUnit.NANOSECONDS.toMicros(System.nanoTime()));
  }

  private static void send(NotifySocket socket, String message) {
    try {
      socket.send(message);
    } catch (PosixException e) {
      log.warn(
          "the service manager was not told {}: {}",
          message.lines().findFirst().orElse(""),
          e.getMessage());
    }
  }

  private static void end(ExecutorService thread, NotifySocket socket) {
    thread.execute(socket::close);
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_MS, TimeUnit.MILLISECONDS)) {
        log.warn("the service manager has not read the last reports");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The server has started.
   *
   * @param serves the generation that does
   */
  synchronized void started(Generation serves) {
    started = true;
    ready(serves);
  }

  /** A reload begins; {@link #reloaded} follows. */
  synchronized void reloading() {
    if (started) {
      say("RELOADING=1\nMONOTONIC_USEC=" + nowUs.getAsLong(), "Reloading");
    }
  }

  /**
   * No reload is under way any more.
   *
   * @param serves the generation that serves now, whatever has come of the reload
   */
  synchronized void reloaded(Generation serves) {
    if (started) {
      ready(serves);
    }
  }

  private void ready(Generation serves) {
    say(
        "READY=1",
        "Generation %d serves: %s, %s"
            .formatted(
                serves.number(),
                Units.count(serves.settings().workers(), "worker"),
                Units.count(serves.listeners().size(), "listener")));
  }

  /**
   * The server ends.
   *
   * @param drainTimeoutMs for which connections may stay open, 0 if they are closed
   */
  synchronized void stopping(long drainTimeoutMs) {
    long usec = TimeUnit.MILLISECONDS.toMicros(drainTimeoutMs + END_MS);
    say("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + usec, "Stopping");
    stopping = true;
  }

  private void say(String state, String status) {
    if (!stopping) {
      to.accept(state + "\nSTATUS=" + status);
    }
  }

  /** Waits until the last report is sent, for a few seconds at most. */
  @Override
  public void close() {
    end.run();
  }
}
