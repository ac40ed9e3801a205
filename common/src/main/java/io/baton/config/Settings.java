package io.baton.config;

import io.baton.service.Endpoint;
import io.baton.service.Peer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The concluded configuration: checked, complete, immutable, the same in manager and workers. What
 * each key means is said in {@code conf/baton.conf}; all paths are absolute.
 *
 * @param workers number of worker slots
 * @param listeners in the order of their names; a handoff names one by its index
 * @param cluster the other machines
 */
public record Settings(
    Server server,
    int workers,
    List<Listener> listeners,
    FleetSettings fleet,
    WorkerSettings worker,
    CodecSettings codecs,
    Modules modules,
    ClusterSettings cluster) {

  public Settings {
    listeners = List.copyOf(listeners);
  }

  /**
   * The settings of the server as a whole.
   *
   * @param user that the server becomes when root starts it; empty: it stays who it is
   * @param group of its processes; empty: the user's own
   * @param scheduling of the manager and the workers
   * @param maxConnections of all listeners together; 0: no limit
   */
  public record Server(
      String name,
      String user,
      String group,
      Scheduling scheduling,
      Path runDir,
      Path logDir,
      Admin admin,
      int maxConnections) {}

  /** How the kernel is asked to share the processor out. */
  public enum Scheduling {
    /** Who wakes up does not interrupt who runs: SCHED_BATCH. */
    BATCH,
    /** As the server was started. */
    INHERIT
  }

  /**
   * The admin HTTP server.
   *
   * @param host that it listens on: a loopback address
   * @param hosts names under which it may be asked, besides addresses and {@code localhost}, in
   *     lower case
   */
  public record Admin(String host, int port, List<String> hosts) {}

  /**
   * One listener.
   *
   * @param service what all its clients get; empty if there are routes or services
   * @param routes of an http listener, by path
   * @param services of a link listener, in the order of their names; no two have the same name
   */
  public record Listener(
      String name,
      Endpoint endpoint,
      String codec,
      String service,
      List<HttpRoute> routes,
      List<LinkService> services,
      ListenerOptions options) {
    /** Where the client speaks first, and at once. */
    private static final long PROMPT_DEFER_MS = 1_000;

    public Listener {
      routes = List.copyOf(routes);
      services = List.copyOf(services);
    }

    /** A listener of another codec than link. */
    public Listener(
        String name,
        Endpoint endpoint,
        String codec,
        String service,
        List<HttpRoute> routes,
        ListenerOptions options) {
      this(name, endpoint, codec, service, routes, List.of(), options);
    }

    /** How long a TCP client that sends nothing is not accepted; 0: it is at once. */
    public long deferAcceptMs() {
      long deferAcceptMs = options.socket().tcp().deferAcceptMs();
      if (deferAcceptMs != Timeouts.AUTO) {
        return deferAcceptMs;
      }
      boolean first = codec.equals("http") || codec.equals("link");
      boolean prompt = first || options.proxy().isOn() || options.tls().isOn();
      return prompt ? PROMPT_DEFER_MS : 0;
    }
  }

  /**
   * Who answers requests.
   *
   * @param path which requests: {@link RoutePattern#parse}
   * @param codec {@code http}, or what the connection is upgraded to
   * @param body how the service gets a request's body
   * @param maxContent bytes of a request's body at most; {@link #AS_HTTP}: as {@link
   *     CodecSettings.Http#maxContent} says, {@link Long#MAX_VALUE}: no limit
   * @param origins of pages that may open a WebSocket: {@code *}, or forms of {@link WebOrigin};
   *     empty: those of the host that is asked
   * @param authenticator name of who decides on its requests; empty: nobody
   * @param services of a route of link; no two have the same name
   * @param files are served instead of a service; null: none
   * @param options that it has instead of its listener's
   */
  public record HttpRoute(
      String path,
      String codec,
      String service,
      Body body,
      long maxContent,
      List<String> origins,
      String authenticator,
      List<LinkService> services,
      @Nullable ServedFiles files,
      RouteOptions options) {
    /** The route does not say it. */
    public static final long AS_HTTP = -1;

    public HttpRoute {
      origins = List.copyOf(origins);
      services = List.copyOf(services);
    }

    /** A route of another codec than link. */
    public HttpRoute(
        String path,
        String codec,
        String service,
        Body body,
        long maxContent,
        List<String> origins,
        String authenticator) {
      this(
          path,
          codec,
          service,
          body,
          maxContent,
          origins,
          authenticator,
          List.of(),
          null,
          RouteOptions.NONE);
    }

    /** A route that says no more than that. */
    public HttpRoute(String path, String codec, String service) {
      this(path, codec, service, Body.WHOLE, AS_HTTP);
    }

    /** A route of HTTP. */
    public HttpRoute(String path, String codec, String service, Body body, long maxContent) {
      this(path, codec, service, body, maxContent, List.of());
    }

    /** A route for everybody. */
    public HttpRoute(
        String path,
        String codec,
        String service,
        Body body,
        long maxContent,
        List<String> origins) {
      this(path, codec, service, body, maxContent, origins, "");
    }
  }

  /**
   * The files of a route.
   *
   * @param compress whether texts are compressed for clients that accept it
   */
  public record ServedFiles(Path directory, boolean compress) {}

  /**
   * The options that a route has instead of its listener's.
   *
   * @param lane null: the listener's
   * @param window of the sessions that another protocol than http begins; null: the listener's
   */
  public record RouteOptions(
      @Nullable LaneKind lane, @Nullable Window window, RouteTimeouts timeouts) {
    /** Those of a route that sets none. */
    public static final RouteOptions NONE = new RouteOptions(null, null, RouteTimeouts.NONE);
  }

  /**
   * The times that a route has instead of its listener's; 0: no limit, {@link #AS_LISTENER}: as
   * {@link Timeouts} says.
   *
   * @param idleMs of another protocol than http
   * @param responseMs of http
   */
  public record RouteTimeouts(long readMs, long idleMs, long writeMs, long responseMs) {
    /** The route has the listener's. */
    public static final long AS_LISTENER = -2;

    /** Those of a route that sets none. */
    public static final RouteTimeouts NONE =
        new RouteTimeouts(AS_LISTENER, AS_LISTENER, AS_LISTENER, AS_LISTENER);

    /** Returns the times of a listener with those that the route has instead. */
    public Timeouts over(Timeouts usual) {
      return new Timeouts(
          usual.firstByteMs(),
          usual.headerMs(),
          either(readMs, usual.readMs()),
          either(idleMs, usual.idleMs()),
          either(writeMs, usual.writeMs()),
          either(responseMs, usual.responseMs()));
    }

    private static long either(long own, long usual) {
      return own == AS_LISTENER ? usual : own;
    }
  }

  /**
   * A service of a link listener.
   *
   * @param name that clients ask for, 1 to 255 bytes of UTF-8
   * @param service of a module
   * @param allow peers that may have it; empty: all that may connect
   * @param tokenFiles files of the tokens that clients may prove that they have, two at most, the
   *     current one first; empty: they need none
   * @param authenticator name of who decides on its clients; empty: nobody
   */
  public record LinkService(
      String name,
      String service,
      List<PeerRange> allow,
      List<Path> tokenFiles,
      String authenticator) {
    public LinkService {
      allow = List.copyOf(allow);
      tokenFiles = List.copyOf(tokenFiles);
    }
  }

  /** How a service gets the body of an HTTP request. */
  public enum Body {
    /** With the request, once all of it is there. */
    WHOLE,
    /** Piece by piece, as it comes. */
    STREAM
  }

  /** The options that {@code listener-defaults} sets for all listeners and each may set itself. */
  public record ListenerOptions(
      SocketOptions socket,
      ProxyProtocol proxy,
      RealIp realIp,
      TlsSettings tls,
      PlacementKind placement,
      Access access,
      Limits limits,
      AccessLog accessLog,
      SessionOptions session) {

    /** Returns the same options with another lane. */
    public ListenerOptions withLane(LaneKind lane) {
      SessionOptions other =
          new SessionOptions(
              lane,
              session.window(),
              session.output(),
              session.timeouts(),
              session.awaits(),
              session.authentication());
      return new ListenerOptions(
          socket, proxy, realIp, tls, placement, access, limits, accessLog, other);
    }

    /** Returns the same options with another time for which sessions wait for their clients. */
    ListenerOptions withAwaitsMs(long forMs) {
      Return awaits = session.awaits();
      SessionOptions other =
          new SessionOptions(
              session.lane(),
              session.window(),
              session.output(),
              session.timeouts(),
              new Return(forMs, awaits.maxAway(), awaits.inQuery()),
              session.authentication());
      return new ListenerOptions(
          socket, proxy, realIp, tls, placement, access, limits, accessLog, other);
    }

    /** Returns the same options with other limits. */
    public ListenerOptions withLimits(Limits others) {
      return new ListenerOptions(
          socket, proxy, realIp, tls, placement, access, others, accessLog, session);
    }
  }

  /**
   * The options of a listening socket.
   *
   * @param backlog clients that wait in the kernel at most
   * @param optional if it cannot be bound, go on without it and say so
   * @param mode permission bits of a Unix socket, e.g. 0660
   */
  public record SocketOptions(int backlog, boolean optional, int mode, TcpOptions tcp) {}

  /**
   * The options that only a TCP socket has.
   *
   * @param deferAcceptMs how long a client that sends nothing is not accepted; 0: it is at once,
   *     {@link Timeouts#AUTO}: by the codec
   * @param keepaliveMs silence after which the kernel asks whether a client is there; 0: never
   */
  public record TcpOptions(long deferAcceptMs, long keepaliveMs) {}

  /** The options of a listener's sessions. */
  public record SessionOptions(
      LaneKind lane,
      Window window,
      Output output,
      Timeouts timeouts,
      Return awaits,
      Authentication authentication) {}

  /**
   * Who decides on clients, and what that leads to.
   *
   * @param authenticator its name; empty: nobody. Of a listener with routes, for what is for none
   * @param timeoutMs within which it has to decide
   * @param maxSessionsPerPrincipal of one worker; 0: no limit
   * @param plaintextTokens whether services of link may have tokens and authenticators on TCP
   *     without encryption
   */
  public record Authentication(
      String authenticator, long timeoutMs, int maxSessionsPerPrincipal, boolean plaintextTokens) {}

  /**
   * How sessions wait for clients that have lost their connection.
   *
   * @param forMs 0: they end with it; of listener-defaults also {@link Timeouts#AUTO}
   * @param maxAway sessions of one worker that wait; one more ends the one that has for longest
   * @param inQuery whether WebSocket clients may name their session in the query
   */
  public record Return(long forMs, int maxAway, boolean inQuery) {}

  /**
   * The bounds of the output that waits for a session's client.
   *
   * @param highWaterMarkBytes a session with more waiting to be sent is not writable
   * @param maxPendingBytes a session with more waiting to be sent is closed
   */
  public record Output(int highWaterMarkBytes, int maxPendingBytes) {}

  /** Where a session's callbacks run: in the order of how long one may take. */
  public enum LaneKind {
    LOOP,
    RING,
    VIRTUAL
  }

  /**
   * Which connections are those of proxies that say first for whom they are.
   *
   * @param from of these; none: nobody speaks the protocol
   * @param others what becomes of the other connections, if there are proxies
   * @param timeoutMs within which they say it
   */
  public record ProxyProtocol(List<PeerRange> from, Others others, long timeoutMs) {
    public ProxyProtocol {
      from = List.copyOf(from);
    }

    /** Whether connections are expected from proxies. */
    public boolean isOn() {
      return !from.isEmpty();
    }

    public boolean isProxy(Peer peer) {
      return PeerRange.contains(from, peer);
    }
  }

  /**
   * Whose the requests are that come over connections of HTTP proxies.
   *
   * @param from which proxies are trusted; none: the requests are the peers'
   * @param header in which they write it
   */
  public record RealIp(List<PeerRange> from, ForwardedHeader header) {
    public RealIp {
      from = List.copyOf(from);
    }

    /** Whether any proxy is trusted. */
    public boolean isOn() {
      return !from.isEmpty();
    }
  }

  /** The header field in which HTTP proxies write from whom they have a request. */
  public enum ForwardedHeader {
    X_FORWARDED_FOR,
    /** RFC 7239. */
    FORWARDED
  }

  /** What becomes of connections that are not a proxy's, where there are proxies. */
  public enum Others {
    /** They are closed. */
    DENY,
    /** They are their own clients. */
    DIRECT
  }

  /**
   * Who may connect at all.
   *
   * @param allow if it is not empty, nobody else
   * @param deny nobody of these
   * @param block when a peer is kept out for a while
   */
  public record Access(List<PeerRange> allow, List<PeerRange> deny, Block block) {
    public Access {
      allow = List.copyOf(allow);
      deny = List.copyOf(deny);
    }

    public boolean permits(Peer peer) {
      return !PeerRange.contains(deny, peer) && PeerRange.permits(allow, peer);
    }
  }

  /**
   * A peer that keeps breaking limits is kept out for a while.
   *
   * @param after so many offences; 0: never
   * @param withinMs of each other
   * @param forMs how long
   */
  public record Block(int after, long withinMs, long forMs) {}

  /**
   * How much a listener takes on.
   *
   * @param maxConnections 0: no limit
   * @param maxConnectionsPerPeer of one address, context id or uid; 0: no limit
   */
  public record Limits(int maxConnections, int maxConnectionsPerPeer) {
    /** No limits. */
    public static final Limits NONE = new Limits(0, 0);
  }

  /**
   * What one session may have unprocessed.
   *
   * @param messages 0: as many as the codec says; never more
   */
  public record Window(int messages, int bytes) {}

  /**
   * How long a client may take; 0: for ever.
   *
   * @param firstByteMs to say anything; {@link #AUTO}: idleMs if it is the client's turn, else for
   *     ever
   * @param headerMs for the head of a message, from its first byte
   * @param readMs between two reads of the rest of a message
   * @param idleMs with nothing under way; {@link #AUTO}: 75 s if it is the client's turn, as in
   *     http, else for ever
   * @param writeMs to take anything of what waits for it
   * @param responseMs the service's: to begin the answer to a request
   */
  public record Timeouts(
      long firstByteMs, long headerMs, long readMs, long idleMs, long writeMs, long responseMs) {
    /** It depends on the codec. */
    public static final long AUTO = -1;
  }

  /** The format of a listener's access log. */
  public enum AccessLog {
    OFF,
    /** As nginx and Apache have it. */
    COMBINED,
    /** An object for each line. */
    JSON
  }

  /** Which policy picks the worker of a listener's clients. */
  public enum PlacementKind {
    LEAST_LOAD,
    LEAST_CONNECTIONS,
    ROUND_ROBIN,
    PEER_HASH
  }

  /**
   * The modules.
   *
   * @param directory in which their jars are
   * @param blocks the block of each module, as plain Java values
   */
  public record Modules(Path directory, Map<String, Map<String, Object>> blocks) {
    public Modules {
      blocks = Map.copyOf(blocks);
    }
  }
}
