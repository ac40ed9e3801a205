package io.baton.pipe;

/**
 * How a worker is doing.
 *
 * @param connections open now
 * @param inFlight messages received and not yet processed
 * @param busyPermille share of the last interval in which the event loop worked, 0 to 1000
 * @param queueDepth tasks and messages that wait for the event loop or a lane
 * @param heapUsedBytes of the Java heap
 * @param rssBytes resident memory of the process
 * @param cpuNanos processor time of the process since its start
 * @param gcPauseNanos time in which the garbage collector stopped it, since its start
 * @param counters since its start
 */
public record Load(
    int connections,
    int inFlight,
    int busyPermille,
    int queueDepth,
    long heapUsedBytes,
    long rssBytes,
    long cpuNanos,
    long gcPauseNanos,
    Counters counters) {

  public static final Load NONE = new Load(0, 0, 0, 0, 0, 0, 0, 0, Counters.NONE);

  /**
   * What a worker has done since its start.
   *
   * @param taken connections taken, those that came from another worker not counted
   * @param closed connections ended, those that went to another worker not counted
   * @param errors sessions ended because the service or the codec threw
   * @param movedIn connections taken that came from another worker, with their sessions
   * @param movedOut connections given away with their sessions
   */
  public record Counters(
      long taken,
      long closed,
      long messagesIn,
      long messagesOut,
      long bytesIn,
      long bytesOut,
      long errors,
      long movedIn,
      long movedOut) {

    public static final Counters NONE = new Counters(0, 0, 0, 0, 0, 0, 0, 0, 0);

    public Counters plus(Counters o) {
      return new Counters(
          taken + o.taken,
          closed + o.closed,
          messagesIn + o.messagesIn,
          messagesOut + o.messagesOut,
          bytesIn + o.bytesIn,
          bytesOut + o.bytesOut,
          errors + o.errors,
          movedIn + o.movedIn,
          movedOut + o.movedOut);
    }
  }
}
