package io.baton.worker.codec.http;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.http.PathPattern;
import io.baton.config.CodecSettings;
import io.baton.config.Settings;
import io.baton.worker.accesslog.AccessLog;
import io.baton.worker.accesslog.LogsRequests;
import io.baton.worker.metrics.HttpMetrics;
import io.baton.worker.spool.Spool;
import io.baton.worker.tls.PlaintextReply;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpObject;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@link HttpCodec} for a listener with routes, each of which says how its service gets a request's
 * body: {@code whole}, in a {@link io.netty.handler.codec.http.FullHttpRequest}; or as a {@code
 * stream}: the {@link io.netty.handler.codec.http.HttpRequest} as it came, then {@link
 * io.netty.handler.codec.http.HttpContent}s, then a {@link
 * io.netty.handler.codec.http.LastHttpContent}.
 *
 * <p>Each piece of a stream counts in the session's window by itself: there is one unprocessed at a
 * time, and a service that holds it holds up its client. (The last one may follow its head at once,
 * where there is no body.) A client that waits for 100 Continue gets it when its head is processed,
 * unless it is answered. While the service has a piece the client's time does not run.
 *
 * <p>A service may answer before the last piece. The connection then ends with the answer, which
 * says {@code Connection: close}, because nobody would read the rest; until the answer's end pieces
 * go on coming. Of a client that breaks off, or takes too long, the service hears by {@code
 * closed}, and gets no last piece.
 */
public final class RoutedHttpCodec
    implements Codec<HttpObject, HttpObject>, PlaintextReply, LogsRequests {
  private final HttpCodec http;

  /**
   * @param routes those of http
   * @param upgrades asked instead of the service, each about the requests for its path
   */
  public RoutedHttpCodec(
      CodecSettings.Http bounds,
      InstantSource clock,
      Spool spool,
      List<Settings.HttpRoute> routes,
      Map<String, Upgrade> upgrades) {
    Set<String> patterns = new HashSet<>(upgrades.keySet());
    routes.forEach(route -> patterns.add(route.path()));
    Bodies bodies = Bodies.of(bounds, spool, rules(bounds, routes));
    http = new HttpCodec(bounds, clock, bodies, upgrades, new Paths(patterns));
  }

  private RoutedHttpCodec(HttpCodec http) {
    this.http = http;
  }

  /** Returns one that tells whose requests proxies pass on. */
  public RoutedHttpCodec with(Settings.RealIp rule) {
    return new RoutedHttpCodec(http.with(rule));
  }

  /** Returns one whose upgrades may look for a session of before. */
  public RoutedHttpCodec seeking() {
    return new RoutedHttpCodec(http.seeking());
  }

  /** Returns one before whose requests authenticators decide; as {@link HttpCodec}'s. */
  public RoutedHttpCodec with(@Nullable Guards deciding) {
    return new RoutedHttpCodec(http.with(deciding));
  }

  /** Returns one whose answers are counted there. */
  public RoutedHttpCodec with(HttpMetrics metrics) {
    return new RoutedHttpCodec(http.with(metrics));
  }

  /** Returns one that logs the requests of a listener, unless its log is off. */
  public RoutedHttpCodec logging(AccessLog access, String listener) {
    return new RoutedHttpCodec(http.logging(access, listener));
  }

  private static Map<String, Bodies.Rule> rules(
      CodecSettings.Http bounds, List<Settings.HttpRoute> routes) {
    Map<String, Bodies.Rule> rules = new HashMap<>();
    for (Settings.HttpRoute route : routes) {
      boolean stream = route.body() == Settings.Body.STREAM;
      boolean own = route.maxContent() != Settings.HttpRoute.AS_HTTP;
      rules.put(
          route.path(),
          new Bodies.Rule(
              stream,
              own ? route.maxContent() : bounds.maxContent(),
              route.path().contains("{") ? PathPattern.of(route.path()) : null));
    }
    return rules;
  }

  @Override
  public Class<HttpObject> in() {
    return HttpObject.class;
  }

  @Override
  public Class<HttpObject> out() {
    return http.out();
  }

  @Override
  public int window() {
    return http.window();
  }

  @Override
  public boolean clientsTurn() {
    return http.clientsTurn();
  }

  @Override
  public boolean seeks() {
    return http.seeks();
  }

  @Override
  public Verdict to(ByteBuf first) {
    return http.to(first);
  }

  @Override
  public Flow install(CodecContext context) {
    return http.install(context);
  }
}
