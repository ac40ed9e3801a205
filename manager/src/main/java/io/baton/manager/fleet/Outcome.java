package io.baton.manager.fleet;

import java.util.List;

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
 * @param failure why nothing was replaced, or not all; empty if all is well
 * @param details for the operator, a line each: what was closed and why, what could not go on
 */
public record Outcome(
    Kind kind,
    End end,
    int from,
    int to,
    int started,
    int ended,
    long migrated,
    long finished,
    long closed,
    long ms,
    String failure,
    List<String> details) {

  public Outcome {
    details = List.copyOf(details);
  }

  /** Nothing has been done. */
  public static Outcome refused(Kind kind, int generation, String why) {
    return new Outcome(kind, End.REFUSED, generation, generation, 0, 0, 0, 0, 0, 0, why, List.of());
  }

  /** What was asked for. */
  public enum Kind {
    RELOAD,
    RECYCLE,
    SCALE
  }

  /** How it ended. */
  public enum End {
    /** As it should. */
    DONE,
    /** The new workers serve, but could not go on with all sessions. */
    INCOMPLETE,
    /** The former workers go on. */
    FAILED,
    /**
     * The new workers serve, and another replacement has begun before the former ones had ended.
     */
    SUPERSEDED,
    /** It was not begun. */
    REFUSED
  }
}
