package io.baton.pipe;

import static io.baton.pipe.Sums.sum;

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
 * @param memory that its connections hold, and that is not on the heap
 * @param callbacks what services are at
 * @param mesh what it exchanges with other workers
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
    Counters counters,
    Memory memory,
    Callbacks callbacks,
    Mesh mesh) {

  public static final Load NONE =
      new Load(0, 0, 0, 0, 0, 0, 0, 0, Counters.NONE, Memory.NONE, Callbacks.NONE, Mesh.NONE);

  /**
   * What services are at in the lanes that have threads of their own.
   *
   * @param ringNanos how long the longest callback has been running in the ring lane
   * @param virtualNanos the same of the virtual lane
   * @param standstillNanos how long one of the lanes, or a thread of the ring lane, has been at
   *     callbacks and has finished none
   */
  public record Callbacks(long ringNanos, long virtualNanos, long standstillNanos) {
    public static final Callbacks NONE = new Callbacks(0, 0, 0);
  }

  /**
   * What a worker exchanges with others.
   *
   * @param links to other workers, now
   * @param sent messages since its start, those that wait for a link included
   * @param received messages since its start
   * @param dropped publications since its start that found a link full
   * @param waitingBytes of messages that wait for their link, now
   * @param broker what it exchanges with other machines
   */
  public record Mesh(
      int links, long sent, long received, long dropped, long waitingBytes, Broker broker) {
    public static final Mesh NONE = new Mesh(0, 0, 0, 0, 0);

    /** One that exchanges nothing with other machines. */
    public Mesh(int links, long sent, long received, long dropped, long waitingBytes) {
      this(links, sent, received, dropped, waitingBytes, Broker.NONE);
    }

    /** Returns the same with what is exchanged with other machines. */
    public Mesh with(Broker its) {
      return new Mesh(links, sent, received, dropped, waitingBytes, its);
    }
  }

  /** Whether a worker has a connection to a broker. */
  public enum BrokerState {
    /** It needs none. */
    OFF(0),
    DOWN(1),
    UP(2);

    final int code;

    BrokerState(int code) {
      this.code = code;
    }
  }

  /**
   * What a worker exchanges with other machines.
   *
   * @param machines that it knows of, now, besides its own
   * @param published messages since its start that the connection took
   * @param received messages since its start, of other machines and of known authenticity
   * @param dropped messages since its start that were not sent, or not taken
   */
  public record Broker(
      BrokerState state, int machines, long published, long received, long dropped) {
    public static final Broker NONE = new Broker(BrokerState.OFF, 0, 0, 0, 0);
  }

  /**
   * Memory in bytes.
   *
   * @param held by all connections together, of whatever kind
   * @param budget what they may hold ({@code worker.memory-budget})
   * @param direct outside of the heap, whoever holds it
   * @param directLimit the most of that
   * @param spooled bodies that are in files instead ({@code worker.max-spooled})
   */
  public record Memory(long held, long budget, long direct, long directLimit, long spooled) {
    public static final Memory NONE = new Memory(0, 0, 0, 0, 0);
  }

  /**
   * What was done because memory, or room on the disk, was short.
   *
   * @param heldBack times that a connection was not read until others had let go
   * @param refused messages refused before they had come, to be tried again later
   * @param evicted connections ended for what they held
   * @param unspooled requests refused because their bodies found no room on the disk
   */
  public record Shed(long heldBack, long refused, long evicted, long unspooled) {
    public static final Shed NONE = new Shed(0, 0, 0, 0);

    public Shed plus(Shed o) {
      return new Shed(
          sum(heldBack, o.heldBack),
          sum(refused, o.refused),
          sum(evicted, o.evicted),
          sum(unspooled, o.unspooled));
    }

    boolean isSince(Shed o) {
      return heldBack >= o.heldBack
          && refused >= o.refused
          && evicted >= o.evicted
          && unspooled >= o.unspooled;
    }
  }

  /**
   * TLS handshakes that have ended.
   *
   * @param full that became connections
   * @param resumed likewise, of clients that were there before
   * @param failed that became none: a peer's fault, or it left, or took too long
   */
  public record Handshakes(long full, long resumed, long failed) {
    public static final Handshakes NONE = new Handshakes(0, 0, 0);

    public Handshakes plus(Handshakes o) {
      return new Handshakes(sum(full, o.full), sum(resumed, o.resumed), sum(failed, o.failed));
    }

    boolean isSince(Handshakes o) {
      return full >= o.full && resumed >= o.resumed && failed >= o.failed;
    }
  }

  /**
   * Sessions that lost their connections, and clients that came back, or wanted to.
   *
   * @param lost times that a session went on without its connection
   * @param resumed times that a client was put back on its session, whether that was away or not
   * @param superseded of those, the times that the session was not away: its client was back over
   *     another connection while its former one still seemed to be there
   * @param expired sessions that ended because their clients stayed away for too long
   * @param displaced sessions that were away and ended because too many were
   * @param forged keys that clients named and no server of this secret has made
   * @param later clients that were told to try again later
   */
  public record Returns(
      long lost,
      long resumed,
      long superseded,
      long expired,
      long displaced,
      long forged,
      long later) {
    public static final Returns NONE = new Returns(0, 0, 0, 0, 0, 0, 0);

    public Returns plus(Returns o) {
      return new Returns(
          sum(lost, o.lost),
          sum(resumed, o.resumed),
          sum(superseded, o.superseded),
          sum(expired, o.expired),
          sum(displaced, o.displaced),
          sum(forged, o.forged),
          sum(later, o.later));
    }

    boolean isSince(Returns o) {
      return lost >= o.lost
          && resumed >= o.resumed
          && superseded >= o.superseded
          && expired >= o.expired
          && displaced >= o.displaced
          && forged >= o.forged
          && later >= o.later;
    }
  }

  /**
   * Clients on which authenticators have decided.
   *
   * @param begun that an authenticator was asked about
   * @param accepted that may go on
   * @param unauthenticated that have to say who they are (401)
   * @param forbidden that may not have what they ask for (403)
   * @param unavailable on which there could be no decision now (503)
   * @param limited that were accepted and have as many sessions as they may (429); not among the
   *     others
   * @param failed for which the authenticator threw (500)
   * @param timedOut for which it did not return in time (503)
   * @param abandoned that left before it returned
   */
  public record Authentications(
      long begun,
      long accepted,
      long unauthenticated,
      long forbidden,
      long unavailable,
      long limited,
      long failed,
      long timedOut,
      long abandoned) {
    public static final Authentications NONE = new Authentications(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Returns how many wait for a decision now, in a worker that lives. */
    public long running() {
      return Math.max(
          0,
          begun
              - accepted
              - unauthenticated
              - forbidden
              - unavailable
              - failed
              - timedOut
              - abandoned);
    }

    public Authentications plus(Authentications o) {
      return new Authentications(
          sum(begun, o.begun),
          sum(accepted, o.accepted),
          sum(unauthenticated, o.unauthenticated),
          sum(forbidden, o.forbidden),
          sum(unavailable, o.unavailable),
          sum(limited, o.limited),
          sum(failed, o.failed),
          sum(timedOut, o.timedOut),
          sum(abandoned, o.abandoned));
    }

    boolean isSince(Authentications o) {
      return begun >= o.begun
          && accepted >= o.accepted
          && unauthenticated >= o.unauthenticated
          && forbidden >= o.forbidden
          && unavailable >= o.unavailable
          && limited >= o.limited
          && failed >= o.failed
          && timedOut >= o.timedOut
          && abandoned >= o.abandoned;
    }
  }

  /**
   * What a worker has done since its start.
   *
   * @param taken connections taken, those that came from another worker not counted
   * @param closed connections ended, those that went to another worker not counted
   * @param errors sessions ended because the service or the codec threw
   * @param movedIn connections taken that came from another worker, with their sessions
   * @param movedOut connections given away with their sessions
   * @param overflowed sessions closed because more waited for their clients than may
   * @param deniedOrigins WebSockets refused because a page of another origin wanted them
   * @param unanswered requests that services left without an answer for too long
   * @param shed what was done for want of memory
   * @param handshakes of encrypted connections
   * @param returns of clients to their sessions
   * @param authentications of clients
   * @param linkRefusals clients that were refused a session of Link
   * @param accessLogDropped lines of access logs that could not be written
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
      long movedOut,
      long overflowed,
      long deniedOrigins,
      long unanswered,
      Shed shed,
      Handshakes handshakes,
      Returns returns,
      Authentications authentications,
      Refusals linkRefusals,
      long accessLogDropped) {

    public static final Counters NONE =
        new Counters(
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            Shed.NONE,
            Handshakes.NONE,
            Returns.NONE,
            Authentications.NONE,
            Refusals.NONE,
            0);

    /** Returns the sum of both; what is beyond 63 bits stays at the most there is. */
    public Counters plus(Counters o) {
      return new Counters(
          sum(taken, o.taken),
          sum(closed, o.closed),
          sum(messagesIn, o.messagesIn),
          sum(messagesOut, o.messagesOut),
          sum(bytesIn, o.bytesIn),
          sum(bytesOut, o.bytesOut),
          sum(errors, o.errors),
          sum(movedIn, o.movedIn),
          sum(movedOut, o.movedOut),
          sum(overflowed, o.overflowed),
          sum(deniedOrigins, o.deniedOrigins),
          sum(unanswered, o.unanswered),
          shed.plus(o.shed),
          handshakes.plus(o.handshakes),
          returns.plus(o.returns),
          authentications.plus(o.authentications),
          linkRefusals.plus(o.linkRefusals),
          sum(accessLogDropped, o.accessLogDropped));
    }

    /** Returns whether this can be a later state of those counters: none has gone back. */
    public boolean isSince(Counters o) {
      return taken >= o.taken
          && closed >= o.closed
          && messagesIn >= o.messagesIn
          && messagesOut >= o.messagesOut
          && bytesIn >= o.bytesIn
          && bytesOut >= o.bytesOut
          && errors >= o.errors
          && movedIn >= o.movedIn
          && movedOut >= o.movedOut
          && overflowed >= o.overflowed
          && deniedOrigins >= o.deniedOrigins
          && unanswered >= o.unanswered
          && shed.isSince(o.shed)
          && handshakes.isSince(o.handshakes)
          && returns.isSince(o.returns)
          && authentications.isSince(o.authentications)
          && linkRefusals.isSince(o.linkRefusals)
          && accessLogDropped >= o.accessLogDropped;
    }
  }
}
