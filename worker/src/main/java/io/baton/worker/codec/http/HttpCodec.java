package io.baton.worker.codec.http;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Window;
import io.baton.config.CodecSettings;
import io.baton.config.Settings;
import io.baton.service.Peer;
import io.baton.worker.accesslog.AccessLog;
import io.baton.worker.accesslog.LogsRequests;
import io.baton.worker.metrics.HttpMetrics;
import io.baton.worker.spool.Spool;
import io.baton.worker.tls.PlaintextReply;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.0 and 1.1 (RFC 9112). A service receives whole requests, one at a time, and sends one
 * response to each: either a {@link io.netty.handler.codec.http.FullHttpResponse} or, to stream it,
 * a {@link io.netty.handler.codec.http.HttpResponse}, contents, and a {@link
 * io.netty.handler.codec.http.LastHttpContent}. A pipelined request waits, as bytes, until the one
 * before it is answered.
 *
 * <p>The codec completes the response's headers (Content-Length or Transfer-Encoding, Connection,
 * Date, Server), so a response object is sent once only. Before it, a service may send other
 * interim responses than 100 and 101, such as 103; a client of 1.0 does not get them. Server-sent
 * events are a streamed response of type {@code text/event-stream}, each event a content: what is
 * sent outside of a callback goes out at once, what is sent inside of one goes out at its end. They
 * end in order when the worker does if their service is {@link io.baton.service.Draining}, as
 * {@link io.baton.codec.http.HttpService} is.
 *
 * <p>A response that contradicts itself (two lengths, a length that is not its content's, a content
 * without a response) is the service's mistake and ends the session with {@link
 * io.baton.service.CloseReason#ERROR}: the client gets a 500 if nothing of the response is out.
 *
 * <p>While the worker's memory is short, a request with more than a small body gets a 503 with
 * Retry-After before the body is read, and the connection is closed.
 *
 * <p>Where an authenticator decides, it does so before a request's body is read, 100 Continue is
 * sent, or another protocol is agreed on. What it refuses is answered here.
 *
 * <p>What is malformed, too large or ambiguous in its length is answered here and the connection
 * closed; no service hears of it. The request that a service receives has its body's length in
 * Content-Length, however it came. A body longer than {@code max-content-in-memory} is a read-only
 * view of a mapped file; a service that reads much of it blocks where the disk does and is best in
 * the lane {@code virtual}. ({@link RoutedHttpCodec} is for services that want a body in pieces.)
 *
 * <pre>
 *  bytes ─► RequestDecoder, its RequestAssembler ──► service
 *  bytes ◄─ ResponseEncoder, its ResponseFinisher ◄─ service
 *              └───── all share one Exchange ─────┘
 * </pre>
 *
 * <p>A session can move between two requests, inside a request's head, and while pipelined requests
 * wait for nothing but being handed out: what has come is then unread bytes and there is no other
 * state. It cannot move
 *
 * <ul>
 *   <li>while an authenticator decides on a request,
 *   <li>while a request's body is arriving,
 *   <li>from the end of a request to the end of its answer,
 *   <li>and when the connection is about to close because the answer said so.
 * </ul>
 */
public final class HttpCodec
    implements Codec<FullHttpRequest, HttpObject>, PlaintextReply, LogsRequests {
  static final String NAME = "http";
  static final int VERSION = 1;

  static final int MAX_PIECE = 64 * 1024;

  private final CodecSettings.Http bounds;
  private final Bodies bodies;
  private final UsualLines lines;
  private final Map<String, Upgrade> upgrades;
  private final Paths routes;
  private final @Nullable RealIp realIp;
  private final @Nullable Guards guards;
  private final HttpsRequired httpsRequired;
  private final boolean seeks;
  private final RouteAnswers answers;
  private final @Nullable Log log;

  /** The access log of a listener. */
  private record Log(AccessLog access, String listener) {}

  public HttpCodec(CodecSettings.Http bounds, InstantSource clock) {
    this(bounds, clock, Spool.NONE);
  }

  /**
   * @param spool where long bodies go until they are whole
   */
  public HttpCodec(CodecSettings.Http bounds, InstantSource clock, Spool spool) {
    this(bounds, clock, Bodies.of(bounds, spool, Map.of()), Map.of(), new Paths(Set.of()));
  }

  /**
   * @param upgrades asked instead of the service, each about the requests for its pattern
   */
  public HttpCodec(CodecSettings.Http bounds, InstantSource clock, Map<String, Upgrade> upgrades) {
    this(
        bounds,
        clock,
        Bodies.of(bounds, Spool.NONE, Map.of()),
        upgrades,
        new Paths(upgrades.keySet()));
  }

  /**
   * @param upgrades by their routes' patterns
   * @param routes how they are configured, by their patterns
   */
  HttpCodec(
      CodecSettings.Http bounds,
      InstantSource clock,
      Bodies bodies,
      Map<String, Upgrade> upgrades,
      Paths routes) {
    this(
        bounds,
        bodies,
        new UsualLines(clock),
        upgrades,
        routes,
        null,
        null,
        false,
        RouteAnswers.unseen(),
        null);
  }

  private HttpCodec(
      CodecSettings.Http bounds,
      Bodies bodies,
      UsualLines lines,
      Map<String, Upgrade> upgrades,
      Paths routes,
      @Nullable RealIp realIp,
      @Nullable Guards guards,
      boolean seeks,
      RouteAnswers answers,
      @Nullable Log log) {
    this.bounds = bounds;
    this.bodies = bodies;
    this.lines = lines;
    this.upgrades = Map.copyOf(upgrades);
    this.routes = routes;
    this.realIp = realIp;
    this.guards = guards;
    this.httpsRequired = new HttpsRequired(lines);
    this.seeks = seeks;
    this.answers = answers;
    this.log = log;
  }

  /** Returns one that tells whose requests proxies pass on. */
  public HttpCodec with(Settings.RealIp rule) {
    return new HttpCodec(
        bounds,
        bodies,
        lines,
        upgrades,
        routes,
        rule.isOn() ? new RealIp(rule) : null,
        guards,
        seeks,
        answers,
        log);
  }

  /** Returns one whose upgrades may look for a session of before. */
  HttpCodec seeking() {
    return new HttpCodec(
        bounds, bodies, lines, upgrades, routes, realIp, guards, true, answers, log);
  }

  /**
   * Returns one before whose requests authenticators decide.
   *
   * @param deciding null: none does
   */
  public HttpCodec with(@Nullable Guards deciding) {
    return new HttpCodec(
        bounds, bodies, lines, upgrades, routes, realIp, deciding, seeks, answers, log);
  }

  /** Returns one whose answers are counted there. */
  public HttpCodec with(HttpMetrics metrics) {
    return new HttpCodec(
        bounds,
        bodies,
        lines,
        upgrades,
        routes,
        realIp,
        guards,
        seeks,
        new RouteAnswers(metrics),
        log);
  }

  /** Returns one that logs the requests of a listener, unless its log is off. */
  public HttpCodec logging(AccessLog access, String listener) {
    Log its = access.isOn() ? new Log(access, listener) : null;
    return new HttpCodec(
        bounds, bodies, lines, upgrades, routes, realIp, guards, seeks, answers, its);
  }

  @Override
  public Class<FullHttpRequest> in() {
    return FullHttpRequest.class;
  }

  @Override
  public Class<HttpObject> out() {
    return HttpObject.class;
  }

  @Override
  public int window() {
    return 1;
  }

  @Override
  public boolean clientsTurn() {
    return true;
  }

  @Override
  public boolean seeks() {
    return seeks;
  }

  @Override
  public Verdict to(ByteBuf first) {
    return httpsRequired.to(first);
  }

  @Override
  public Flow install(CodecContext context) {
    context.saved().ifPresent(saved -> saved.require(NAME, VERSION));
    HttpDecoderConfig config =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(bounds.maxRequestLine())
            .setMaxHeaderSize(bounds.maxHeader())
            .setMaxChunkSize(MAX_PIECE);
    Window window = context.window();
    RealIp whose = realIp;
    Exchange exchange =
        new Exchange(
            routes,
            answers,
            log == null ? null : new RequestLog(log.access(), log.listener(), context, whose));
    Guards deciding = guards;
    RequestGate gate =
        deciding == null ? null : new RequestGate(deciding, context::identity, exchange, window);
    // Of a connection that cannot be upgraded nothing is kept.
    Upgrader upgrader = upgrades.isEmpty() ? null : new Upgrader(upgrades, exchange, context, gate);
    Peer peer = context.peer();
    Consumer<HttpHeaders> amend =
        whose == null ? RequestAssembler.AS_IT_IS : headers -> whose.apply(headers, peer);
    RequestAssembler assembler =
        new RequestAssembler(exchange, window, upgrader, bodies, amend, gate);
    boolean mayLeave = seeks && context.saved().isEmpty();
    RequestDecoder decoder = new RequestDecoder(config, window, exchange, assembler, mayLeave);
    ResponseFinisher finisher = new ResponseFinisher(exchange, window, decoder);
    // The codec's own answers come from the decoder, so the encoder is in front of it.
    context.pipeline().addLast(new ResponseEncoder(exchange, finisher, lines), decoder);
    return new HttpFlow(exchange, decoder);
  }
}
