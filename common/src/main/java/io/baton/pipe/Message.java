package io.baton.pipe;

import io.baton.posix.Frame;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message between manager and worker. A packet of the pipe holds one or more of them.
 *
 * <p>A message with descriptors has a packet for itself: a {@link Hello}; {@link Neighbours}, with
 * one for each of them; or a {@link Handoff}, with as many as its {@link HandoffKind#descriptors
 * kind} says. Only handoffs with one descriptor each may share a packet, up to {@link
 * #MAX_HANDOFFS}, if they come from the manager; their descriptors are in the same order.
 *
 * <p>The bytes are in {@link MessageType}.
 */
public sealed interface Message {

  /**
   * Version of all messages, which manager and worker must have in common. It is raised whenever
   * the bytes of any message change, or what a packet may hold.
   */
  int VERSION = 21;

  /** Longest state of a session that goes into a packet, in bytes; a longer one goes aside. */
  int MAX_INLINE_STATE = 32 * 1024;

  /** Longest packet, in bytes; a longer one is malformed. */
  int MAX_PACKET = MAX_INLINE_STATE + 6 * 1024;

  /** Most neighbours in a message. */
  int MAX_NEIGHBOURS = Frame.MAX_DESCRIPTORS;

  /** Most messages in a packet. */
  int MAX_MESSAGES = 1_024;

  /** Most handoffs in a packet. */
  int MAX_HANDOFFS = Frame.MAX_DESCRIPTORS;

  /** Longest {@link Refused#reason}, in bytes of UTF-8; the rest is cut off. */
  int MAX_REASON_BYTES = 500;

  /** Longest name of a protocol, in bytes of UTF-8; the rest is cut off. */
  int MAX_PROTOCOL_BYTES = 255;

  /** Most services in a {@link SessionReport}; so many fit a packet, whatever their names. */
  int MAX_SERVICES = 120;

  /** Most entries of a {@link MetricsReport}; so many fit a packet, whatever they are. */
  int MAX_METRIC_ENTRIES = 36;

  /** Most metrics that a worker declares. */
  int MAX_METRICS = 1_000;

  /** Most series that a worker declares. */
  int MAX_METRIC_SERIES = 8_192;

  /** Most sessions in a {@link SessionsListed}; so many fit a packet, whatever their names. */
  int MAX_LISTED = 32;

  /** Significant digits of a {@link Latency}. */
  int LATENCY_DIGITS = 2;

  /** Highest value of a {@link Latency}, in nanoseconds; what takes longer counts as this. */
  long LATENCY_HIGHEST_NANOS = 60_000_000_000L;

  /** A message that the manager sends. */
  sealed interface ToWorker extends Message {}

  /** A message that a worker sends. */
  sealed interface ToManager extends Message {}

  /**
   * The first message to a worker.
   *
   * @param version {@link #VERSION} of the manager
   * @param worker number of this process for as long as the manager runs; a slot is used again and
   *     again
   * @param descriptors kinds of the descriptors that come along, in the same order, each once
   */
  record Hello(int version, long worker, int slot, int generation, List<DescriptorKind> descriptors)
      implements ToWorker {
    public Hello {
      descriptors = List.copyOf(descriptors);
    }
  }

  /**
   * A client, with its descriptor. From the manager: the manager's until {@link Taken}. From a
   * worker, which was allowed to by {@link AllowMigrations} or whose connection is {@link
   * HandoffKind.Unserved}: the manager's from the moment the kernel has the packet, to be served by
   * another worker.
   *
   * @param id of the connection for as long as it lives, wherever it goes
   * @param listener index into the listeners of the worker's configuration
   * @param peer the client
   * @param via the proxy that it came through, whose connection this is; null if there is none
   */
  record Handoff(long id, int listener, Peer peer, @Nullable Peer via, HandoffKind kind)
      implements ToWorker, ToManager {

    /** A client that came by itself. */
    public Handoff(long id, int listener, Peer peer, HandoffKind kind) {
      this(id, listener, peer, null, kind);
    }

    /** Returns the same client, by another number of its listener. */
    public Handoff at(int other) {
      return new Handoff(id, other, peer, via, kind);
    }

    /** Returns the same client, on its way with something else. */
    public Handoff as(HandoffKind other) {
      return new Handoff(id, listener, peer, via, other);
    }
  }

  /**
   * What every living worker reads of saved sessions: a session that is given is written in this
   * form, with no other sections. Said after {@link Ready}, and whenever it changes.
   */
  record FormInUse(SavedForm form) implements ToWorker {}

  /**
   * Workers that this one gets a link to, each with the descriptor of the link's one end, in the
   * same order; the neighbour gets the other end. Said to a worker that has {@link Joined}, and
   * later of those that join after it.
   *
   * @param neighbours at most {@link #MAX_NEIGHBOURS}
   * @param complete whether these, with those that were named before, are all that had joined
   *     before this worker
   */
  record Neighbours(List<Neighbour> neighbours, boolean complete) implements ToWorker {
    public Neighbours {
      neighbours = List.copyOf(neighbours);
    }
  }

  /** A question whether the worker is alive, answered by {@link Pong}. */
  record Ping(long number) implements ToWorker {}

  /**
   * A question about one session, answered by {@link SessionDescribed}.
   *
   * @param request number of the question
   * @param end whether the worker that has the session ends it once it has described it
   */
  record DescribeSession(long request, SessionRef session, boolean end) implements ToWorker {

    /** A question that changes nothing. */
    public DescribeSession(long request, SessionKey key) {
      this(request, new SessionRef.ByKey(key), false);
    }
  }

  /**
   * A question which sessions there are, answered by one {@link SessionsListed}.
   *
   * @param request number of the question
   * @param filter which of them
   * @param after the highest id that was listed before; 0 at first
   */
  record ListSessions(long request, SessionFilter filter, long after) implements ToWorker {}

  /**
   * A permission to give connections back, each as a {@link Handoff}, until so many in all have
   * been since the worker's start. A lower total than before takes back what was not used.
   *
   * @param first the connections that are given before the others
   */
  record AllowMigrations(long total, First first) implements ToWorker {}

  /** The connections that are given before the others. */
  enum First {
    /**
     * Those that have been idle for longest: by the time the others move, all code is warm. Said to
     * a worker that leaves, which is to give all.
     */
    IDLEST(0),
    /** Those that were active last: they cause the worker's load. */
    LIVELIEST(1),
    /**
     * One of each listener and protocol in turn, the idlest first: to find out whether sessions of
     * each kind can go on elsewhere.
     */
    VARIED(2);

    final int code;

    First(int code) {
      this.code = code;
    }
  }

  /**
   * An order to take nothing new, finish what there is, and exit with 0.
   *
   * @param timeoutMs time after which what is left is closed, in milliseconds
   */
  record Drain(int timeoutMs) implements ToWorker {}

  /**
   * As {@link Drain}, but clients that may come back are told to go on at another machine, and
   * their sessions wait for that. Answered by {@link Redirected}, at once and until the end.
   *
   * @param timeoutMs time after which what is left is closed, in milliseconds
   */
  record Redirect(int timeoutMs) implements ToWorker {}

  /**
   * The outcome of a {@link Redirect} if the worker ended now; each sum is of all sessions that it
   * had then. Sent again and again: the last one counts.
   *
   * @param taken sessions that go on at other machines
   * @param ended sessions that end here, because they cannot go on elsewhere
   * @param lost sessions that wait for another machine, or have waited in vain
   */
  record Redirected(long taken, long ended, long lost) implements ToManager {}

  /**
   * Sent once before {@link Ready}, when the modules are started, by a worker that wants links to
   * all others that want them; answered by {@link Neighbours}.
   */
  record Joined() implements ToManager {
    /**
     * Most workers of a server whose workers join: two generations of so many, each with a link to
     * all others, are within the links that a worker may have.
     */
    public static final int MAX_WORKERS = 63;
  }

  /**
   * Sent once when the modules are started and handoffs are welcome.
   *
   * @param reads what the worker reads of saved sessions
   */
  record Ready(SavedForm reads) implements ToManager {}

  /**
   * Sent once by a worker that cannot come up; it exits next.
   *
   * @param reason for the operator, in one line
   */
  record Failed(String reason) implements ToManager {}

  /** The client is this worker's from now on. Sent before its first byte is read. */
  record Taken(long id) implements ToManager {}

  /**
   * The client was not touched and is the manager's to place elsewhere.
   *
   * @param reason for the operator, in one line; empty if there is nothing to add to {@code why}
   */
  record Refused(long id, Refusal why, String reason) implements ToManager {}

  /**
   * A connection that was to be given stays, because its service cannot save its session.
   *
   * @param id of the connection
   * @param listener index into the configuration's listeners
   * @param protocol that is spoken, one of the listener's
   * @param reason for the operator, in one line
   */
  record Unsaved(long id, int listener, String protocol, String reason) implements ToManager {}

  /**
   * The obstacle to moving the connections that this worker may give.
   *
   * @param what for the operator; empty when there is no obstacle any more
   */
  record Held(String what) implements ToManager {}

  /** The answer to a {@link Ping}. */
  record Pong(long number) implements ToManager {}

  /** The worker's load, sent every load interval and when it changes much. */
  record LoadReport(Load load) implements ToManager {}

  /**
   * This worker has no memory left outside of its heap. It goes on as far as it can, gives its
   * connections away when it may, and is to be replaced. Sent once.
   *
   * @param reason for the operator, in one line
   */
  record Exhausted(String reason) implements ToManager {}

  /**
   * Connections that this worker took and that have ended since the last such message. Those that
   * were beyond a limit are not among them, nor those that it gave back, nor those whose sessions
   * go on without them.
   *
   * @param listener index into the configuration's listeners
   * @param peer whose they were, where the listener limits connections per peer; else null
   * @param count at least 1
   */
  record Departed(int listener, @Nullable PeerKey peer, int count) implements ToManager {}

  /**
   * Connections or sessions of this worker that count otherwise since the last such message.
   *
   * @param listener index into the configuration's listeners
   * @param peer whose they are, where the listener limits connections per peer; else null
   * @param count at least 1
   */
  record Recounted(int listener, @Nullable PeerKey peer, Change change, int count)
      implements ToManager {}

  /** The ways in which what counts changes without a departure. */
  enum Change {
    /** A connection has ended and its session goes on without it: that is away from now on. */
    LOST(0),
    /**
     * A session that was away is no more: its client is back on another connection, or it ended.
     */
    AWAY_ENDED(1),
    /** A connection beyond a limit has its client's session now, and counts like any other. */
    ADMITTED(2),
    /** A session has come from another machine, and waits for its client. */
    AWAY_ARRIVED(3);

    final int code;

    Change(int code) {
      this.code = code;
    }
  }

  /**
   * A peer broke its protocol, on connections that have ended for it since the last such message.
   * Only of listeners that block peers for it.
   *
   * @param listener index into the configuration's listeners
   * @param count at least 1
   */
  record Offended(int listener, PeerKey peer, int count) implements ToManager {}

  /**
   * Service latency since the last such report, to be added to the others.
   *
   * @param histogram an HdrHistogram of nanoseconds with {@link #LATENCY_DIGITS} significant digits
   *     up to {@link #LATENCY_HIGHEST_NANOS}, in its V2 encoding
   */
  record Latency(ByteBuffer histogram) implements ToManager {}

  /**
   * The sessions that this worker has now, by service. Sent when they are not those that were sent
   * last.
   *
   * @param services at most {@link #MAX_SERVICES}, those with most sessions first
   * @param others sum of the services that are not listed
   */
  record SessionReport(List<ServiceSessions> services, SessionCounts others) implements ToManager {
    /** No sessions. */
    public static final SessionReport NONE = new SessionReport(List.of(), SessionCounts.NONE);

    public SessionReport {
      services = List.copyOf(services);
    }
  }

  /**
   * The metrics that have changed since the last such report, and those that are new. A worker
   * declares at most {@link #MAX_METRICS} metrics and {@link #MAX_METRIC_SERIES} series.
   *
   * @param entries at most {@link #MAX_METRIC_ENTRIES}; they take effect in this order
   */
  record MetricsReport(List<MetricEntry> entries) implements ToManager {
    public MetricsReport {
      entries = List.copyOf(entries);
    }
  }

  /**
   * The answer to a {@link DescribeSession}.
   *
   * @param request number of the question
   * @param session null if this worker does not have it
   */
  record SessionDescribed(long request, @Nullable SessionDescription session)
      implements ToManager {}

  /**
   * The answer to a {@link ListSessions}: the sessions with the lowest ids above the question's.
   *
   * @param request number of the question
   * @param sessions in the order of their ids, at most {@link #MAX_LISTED}
   * @param matching how many there are of that kind, also beyond those that are listed
   */
  record SessionsListed(long request, List<ListedSession> sessions, int matching)
      implements ToManager {
    public SessionsListed {
      sessions = List.copyOf(sessions);
    }
  }
}
