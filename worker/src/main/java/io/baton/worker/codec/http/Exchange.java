package io.baton.worker.codec.http;

import io.baton.service.CloseReason;
import io.baton.worker.metrics.HttpMetrics;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * The request that a connection is at, and how far its answer is. There is one at a time.
 *
 * <pre>
 *   IDLE ──head──► RECEIVING ──whole──► ASKED ──response head──► ANSWERING ──its end──► IDLE
 *                      │      └──101──► SWITCHING: HTTP is over
 *                      └──the service has the head and gets the body as a stream──► ASKED
 * </pre>
 */
final class Exchange {
  enum Phase {
    IDLE,
    RECEIVING,
    ASKED,
    ANSWERING,
    SWITCHING
  }

  /** More of a path is not said. */
  private static final int MAX_SAID = 200;

  private final Paths routes;
  private final RouteAnswers answers;
  private Phase phase = Phase.IDLE;

  /** Null between two requests. */
  private @Nullable RequestKey request;

  /** The present or the last request's, as it is configured; null if there is none. */
  private @Nullable String route;

  private boolean head;
  private boolean http10;
  private boolean draining;
  private boolean arriving;
  private boolean undecided;
  private @Nullable CloseReason closing;

  /** The service has the request since {@link #askedAt}. */
  private boolean timed;

  private long askedAt;

  /** Null if requests are not logged. */
  private final @Nullable RequestLog log;

  /**
   * @param routes how they are configured, by their patterns
   * @param answers counts them
   * @param log null: requests are not logged
   */
  Exchange(Paths routes, RouteAnswers answers, @Nullable RequestLog log) {
    this.routes = routes;
    this.answers = answers;
    this.log = log;
  }

  /** Returns the access log; null if requests are not logged. */
  @Nullable RequestLog log() {
    return log;
  }

  Phase phase() {
    return phase;
  }

  /**
   * Returns the request that is answered, for the log: its method, its path without the query, in
   * which there may be secrets, and the route; empty between two requests.
   */
  String current() {
    RequestKey asked = request;
    if (asked == null) {
      return "";
    }
    String full = asked.target();
    int query = full.indexOf('?');
    String path = full.substring(0, Math.min(query < 0 ? full.length() : query, MAX_SAID));
    return asked.method() + " " + path + (route == null ? "" : ", route " + route);
  }

  void begin(HttpRequest asked) {
    phase = Phase.RECEIVING;
    arriving = false;
    timed = false;
    RequestKey key = RequestKey.of(asked);
    request = key;
    route = routes.find(key);
    head = HttpMethod.HEAD.equals(asked.method());
    http10 = asked.protocolVersion().equals(HttpVersion.HTTP_1_0);
    closing = HttpUtil.isKeepAlive(asked) ? null : CloseReason.CLIENT;
    if (log != null) {
      log.begin(asked, route);
    }
  }

  /**
   * Returns the request's route as it is configured; null if there is none. After its answer it is
   * still there: the client has yet to take that.
   */
  @Nullable String route() {
    return route;
  }

  /** Whether the listener has routes. */
  boolean isRouted() {
    return !routes.isEmpty();
  }

  /** The request is whole and the service's. */
  void asked() {
    phase = Phase.ASKED;
    timed = true;
    askedAt = System.nanoTime();
  }

  /** The request's head is the service's, and its body will be, piece by piece. */
  void streamed() {
    asked();
    arriving = true;
  }

  /** The last piece is the service's, too. */
  void arrived() {
    arriving = false;
  }

  /** Sets whether an authenticator has still to decide whether the request may go on. */
  void undecided(boolean is) {
    undecided = is;
  }

  boolean undecided() {
    return undecided;
  }

  /** The service has a request's head and waits for more of its body. */
  boolean arriving() {
    return arriving;
  }

  /** The codec will say something, whether or not it was asked, and it will be the last. */
  void unasked(CloseReason why) {
    phase = Phase.ASKED;
    closing = why;
  }

  void answering(HttpResponseStatus status) {
    phase = Phase.ANSWERING;
    answered(status);
  }

  private void answered(HttpResponseStatus status) {
    answers.answered(
        request == null ? null : route,
        status.code(),
        timed ? System.nanoTime() - askedAt : HttpMetrics.UNTIMED);
    timed = false;
  }

  /** Another protocol follows. */
  void switching() {
    phase = Phase.SWITCHING;
    answered(HttpResponseStatus.SWITCHING_PROTOCOLS);
    if (log != null) {
      log.switched();
    }
  }

  /** What was asked for says nothing about what may be said next. */
  void answered() {
    phase = Phase.IDLE;
    if (log != null) {
      log.answered();
    }
    request = null;
    head = false;
    http10 = false;
  }

  /** The response must have no body, whatever its headers say. */
  boolean head() {
    return head;
  }

  boolean http10() {
    return http10;
  }

  /** Why the connection ends with this exchange; null if it goes on. */
  @Nullable CloseReason closing() {
    return closing;
  }

  void closeAfter(CloseReason why) {
    if (closing == null) {
      closing = why;
    }
  }

  boolean draining() {
    return draining;
  }

  void drain() {
    draining = true;
  }
}
