package io.baton.manager.fleet;

/**
 * How a replacement of workers ended that somebody asked for.
 *
 * @param from the generation before
 * @param to the generation now; the same unless it was a reload that went well
 * @param started workers that came up
 * @param ended workers that gave their connections away and ended
 * @param migrated connections that another worker has now
 * @param finished connections that came to their own end meanwhile
 * @param closed connections that could not be moved in time, were lost with a worker, or that no
 *     worker would have
 * @param ms how long it took
 * @param failure why nothing was replaced; empty if all is well
 */
public record Outcome(
    Kind kind,
    int from,
    int to,
    int started,
    int ended,
    long migrated,
    long finished,
    long closed,
    long ms,
    String failure) {

  /** What was asked for. */
  public enum Kind {
    RELOAD,
    RECYCLE,
    SCALE
  }
}
