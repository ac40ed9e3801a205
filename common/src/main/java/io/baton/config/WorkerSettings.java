package io.baton.config;

import java.nio.file.Path;
import java.util.List;

/**
 * The settings of the worker processes.
 *
 * @param receiveBatch clients that a worker takes in one go
 * @param memoryBudgetBytes what all connections of a worker together may hold in memory; 0: half of
 *     its direct memory
 * @param recycle when a worker is replaced by a fresh one
 * @param spool where large bodies are kept until they are whole
 */
public record WorkerSettings(
    Start start,
    Reporting reporting,
    int receiveBatch,
    Ring ring,
    long memoryBudgetBytes,
    Recycle recycle,
    Spool spool) {
  /**
   * The start of a worker.
   *
   * @param java the {@code java} command; empty: the one that runs the manager
   * @param javaOptions for the worker's JVM, after Baton's own
   * @param environment variables of the manager's environment that a worker gets beside the usual
   *     ones; a name that ends with {@code *} stands for all that begin so
   * @param rehearse whether a worker runs its code before it is ready, so that nobody waits for it
   */
  public record Start(
      String java, List<String> javaOptions, List<String> environment, boolean rehearse) {
    public Start {
      javaOptions = List.copyOf(javaOptions);
      environment = List.copyOf(environment);
    }
  }

  /**
   * The intervals at which a worker reports.
   *
   * @param loadMs its load, the basis of placement
   * @param latencyMs the latency of its services, and their sessions
   */
  public record Reporting(long loadMs, long latencyMs) {}

  /**
   * The ring lane.
   *
   * @param threads handler threads
   * @param size what waits for one of them at most, a power of two
   */
  public record Ring(int threads, int size) {}

  /**
   * What a worker may have come to before it is replaced; 0: whatever it has.
   *
   * @param maxRssBytes resident memory
   * @param maxAgeMs since it was ready
   * @param maxConnectionsServed connections taken
   */
  public record Recycle(long maxRssBytes, long maxAgeMs, long maxConnectionsServed) {}

  /**
   * Where the bodies of HTTP requests are that are too large for memory.
   *
   * @param directory in which their files are; these have no names there
   * @param maxBytes of all such bodies of one worker together; 0: all bodies are kept in memory
   */
  public record Spool(Path directory, long maxBytes) {}
}
