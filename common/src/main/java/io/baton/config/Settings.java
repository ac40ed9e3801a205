package io.baton.config;

import io.baton.service.Endpoint;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The concluded configuration: checked, complete, immutable, the same in manager and workers. What
 * each key means is said in {@code conf/baton.conf}; all paths are absolute.
 *
 * @param workers number of worker slots
 * @param listeners in the order of their names; a handoff names one by its index
 * @param modules the block of each module, as plain Java values
 */
public record Settings(
    String name,
    int workers,
    Path runDir,
    Path logDir,
    Path modulesDir,
    Admin admin,
    List<Listener> listeners,
    Fleet fleet,
    Worker worker,
    Http http,
    Map<String, Map<String, Object>> modules) {

  public Settings {
    listeners = List.copyOf(listeners);
    modules = Map.copyOf(modules);
  }

  /** Where the admin HTTP server listens: a loopback address. */
  public record Admin(String host, int port) {}

  /**
   * One listener.
   *
   * @param optional if it cannot be bound, go on without it and say so
   * @param mode permission bits of a Unix socket, e.g. 0660
   */
  public record Listener(
      String name,
      Endpoint endpoint,
      String codec,
      String service,
      PlacementKind placement,
      int backlog,
      boolean optional,
      int mode) {}

  /** Which policy picks the worker of a listener's clients. */
  public enum PlacementKind {
    LEAST_LOAD,
    LEAST_CONNECTIONS,
    ROUND_ROBIN,
    PEER_HASH
  }

  /**
   * How the manager treats its workers.
   *
   * @param maxUnacked handoffs under way to one worker at most
   * @param stallAfterMs a worker whose oldest handoff is older gets no more, and what it has not
   *     received is taken back
   * @param handoffTimeoutMs a client that no worker took is refused after this
   * @param hangTimeoutMs a worker not heard for so long is dumped and killed; 0: never
   * @param dumpGraceMs between the dump and the kill
   * @param drainTimeoutMs a graceful stop takes no longer
   * @param backoffInitialMs delay after a first failure; doubles with each further one
   * @param backoffMaxMs bound of that delay
   * @param stableAfterMs a worker READY for so long did not fail: its slot's failures are forgotten
   * @param breakerFailures after so many failures in a row the slot is broken
   * @param breakerRetryMs a broken slot gets one attempt in this time
   */
  public record Fleet(
      int maxUnacked,
      long stallAfterMs,
      long handoffTimeoutMs,
      long startTimeoutMs,
      long pingIntervalMs,
      long hangTimeoutMs,
      long dumpGraceMs,
      long drainTimeoutMs,
      long backoffInitialMs,
      long backoffMaxMs,
      long stableAfterMs,
      int breakerFailures,
      long breakerRetryMs) {}

  /**
   * How workers are started and report.
   *
   * @param java the {@code java} command; empty: the one that runs the manager
   * @param javaOptions for the worker's JVM, after Baton's own
   */
  public record Worker(
      String java,
      List<String> javaOptions,
      long loadIntervalMs,
      long latencyIntervalMs,
      int receiveBatch,
      int highWaterMarkBytes) {
    public Worker {
      javaOptions = List.copyOf(javaOptions);
    }
  }

  /** Bounds of the http codec, in bytes. */
  public record Http(int maxRequestLine, int maxHeader, int maxContent) {}
}
