package io.baton.worker;

import io.baton.codec.Codec;
import io.baton.codec.Protocol;
import io.baton.codec.http.FileDirectory;
import io.baton.codec.http.GzipCache;
import io.baton.config.Settings;
import io.baton.credentials.Credentials;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.service.Service;
import io.baton.worker.accesslog.AccessLogs;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.http.HttpRouter;
import io.baton.worker.codec.http.RoutedHttpCodec;
import io.baton.worker.codec.http.Upgrade;
import io.baton.worker.codec.link.HandshakeCodec;
import io.baton.worker.codec.link.LinkServices;
import io.baton.worker.codec.websocket.LinkUpgrade;
import io.baton.worker.codec.websocket.WebSocketUpgrade;
import io.baton.worker.metrics.HttpMetrics;
import io.baton.worker.metrics.ListenerMetrics;
import io.baton.worker.session.Route;
import io.baton.worker.spool.Spool;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Finds each listener's codec and service, or those of its routes, and checks that the two speak
 * the same types.
 */
final class Routes {
  private static final String HTTP = "http";
  private static final String WEBSOCKET = "websocket";
  private static final String LINK = "link";

  private final Settings.Codecs bounds;
  private final Map<String, Codec<?, ?>> codecs;
  private final Map<String, Offer<?, ?>> offers;
  private final Spool spool;
  private final HandshakeCounters counters;
  private final Guarding guarding;
  private final Credentials credentials;
  private final AccessLogs logs;

  /** One for all routes, which bounds what they keep and how many threads compress. */
  private final GzipCache forms = new GzipCache();

  private Routes(
      Settings.Codecs bounds,
      Map<String, Codec<?, ?>> codecs,
      Map<String, Offer<?, ?>> offers,
      Spool spool,
      HandshakeCounters counters,
      Guarding guarding,
      Credentials credentials,
      AccessLogs logs) {
    this.bounds = bounds;
    this.codecs = codecs;
    this.offers = offers;
    this.spool = spool;
    this.counters = counters;
    this.guarding = guarding;
    this.credentials = credentials;
    this.logs = logs;
  }

  /**
   * The listeners' routes, in their order.
   *
   * @param bounds of http and what it upgrades to
   * @param codecs by name; websocket, which is spoken after http, is known here
   * @param spool where long bodies go
   * @param counters of what is decided on clients before their sessions begin
   * @param guarding finds authenticators
   * @param credentials has the tokens of services
   * @param logs of the listeners' requests
   */
  static List<Route<?, ?>> resolve(
      List<Settings.Listener> listeners,
      Settings.Codecs bounds,
      Map<String, Codec<?, ?>> codecs,
      Map<String, Offer<?, ?>> offers,
      Spool spool,
      HandshakeCounters counters,
      Guarding guarding,
      Credentials credentials,
      AccessLogs logs)
      throws BootException {
    Routes resolver =
        new Routes(bounds, codecs, offers, spool, counters, guarding, credentials, logs);
    List<Route<?, ?>> routes = new ArrayList<>();
    for (Settings.Listener listener : listeners) {
      routes.add(resolver.resolve(listener));
    }
    return List.copyOf(routes);
  }

  private Route<?, ?> resolve(Settings.Listener listener) throws BootException {
    if (!listener.services().isEmpty()) {
      return link(listener);
    }
    if (!listener.routes().isEmpty()) {
      return routed(listener, listener.routes());
    }
    String where = "listener " + listener.name();
    Codec<?, ?> codec = codecs.get(listener.codec());
    if (codec == null) {
      throw unknown(where, "codec", listener.codec(), codecs, WEBSOCKET);
    }
    Offer<?, ?> offer = offer(where, listener.service());
    if (codec instanceof HttpCodec http) {
      HttpMetrics metrics = new HttpMetrics(List.of());
      HttpCodec its =
          http.with(listener.options().realIp())
              .with(guarding.of(listener))
              .with(metrics)
              .logging(logs.of(listener.name()), listener.name());
      return plain(listener, its, offer, new ListenerMetrics(List.of(), metrics));
    }
    return plain(listener, codec, offer, new ListenerMetrics(List.of(""), null));
  }

  private static <I, O> Route<I, O> plain(
      Settings.Listener listener, Codec<I, O> codec, Offer<?, ?> offer, ListenerMetrics metrics)
      throws BootException {
    Supplier<? extends Service<I, O>> service =
        fitting("listener " + listener.name(), listener.codec(), codec.in(), codec.out(), offer);
    return new Route<>(
        listener.name(),
        new Protocol<>("", codec, service),
        List.of(),
        listener.options(),
        metrics);
  }

  /** Http that looks at the path for who answers, and for what else may be spoken. */
  private Route<HttpObject, HttpObject> routed(
      Settings.Listener listener, List<Settings.HttpRoute> routes) throws BootException {
    List<HttpRouter.Target> targets = new ArrayList<>();
    Map<String, Upgrade> upgrades = new LinkedHashMap<>();
    List<Protocol<?, ?>> protocols = new ArrayList<>();
    Map<String, Settings.RouteOptions> own = new HashMap<>();
    for (Settings.HttpRoute route : routes) {
      String where = "listener " + listener.name() + ", route " + route.path();
      int before = protocols.size();
      switch (route.codec()) {
        case HTTP -> targets.add(target(where, route));
        case WEBSOCKET -> {
          WebSocketUpgrade upgrade =
              new WebSocketUpgrade(
                  route.path(),
                  bounds.webSocket(),
                  route.origins(),
                  counters.denied(),
                  listener.options().session().awaits().inQuery(),
                  fitting(
                      where,
                      WEBSOCKET,
                      WebSocketFrame.class,
                      WebSocketFrame.class,
                      offer(where, route.service())));
          upgrades.put(route.path(), upgrade);
          protocols.addAll(upgrade.protocols());
        }
        case LINK -> {
          LinkUpgrade upgrade =
              new LinkUpgrade(
                  route.path(),
                  route.origins(),
                  counters.denied(),
                  services(where, route.services(), listener));
          upgrades.put(route.path(), upgrade);
          protocols.addAll(upgrade.protocols());
        }
        default -> throw unknown(where, "codec", route.codec(), Map.of(), HTTP, LINK, WEBSOCKET);
      }
      if (!route.options().equals(Settings.RouteOptions.NONE)) {
        own.put(route.path(), route.options());
        protocols
            .subList(before, protocols.size())
            .forEach(each -> own.put(each.name(), route.options()));
      }
    }
    List<String> patterns = routes.stream().map(Settings.HttpRoute::path).toList();
    HttpRouter.Table table = new HttpRouter.Table(targets, patterns);
    HttpMetrics metrics = new HttpMetrics(patterns);
    RoutedHttpCodec codec =
        new RoutedHttpCodec(
                bounds.http(), InstantSource.system(), spool, listener.routes(), upgrades)
            .with(listener.options().realIp())
            .with(guarding.of(listener))
            .with(metrics)
            .logging(logs.of(listener.name()), listener.name());
    boolean awaits = listener.options().session().awaits().forMs() > 0;
    return new Route<>(
        listener.name(),
        new Protocol<>(
            "",
            awaits && !upgrades.isEmpty() ? codec.seeking() : codec,
            () -> new HttpRouter(table)),
        protocols,
        listener.options(),
        own,
        new ListenerMetrics(names(protocols), metrics));
  }

  /** Link, whose clients ask for one of several services. */
  private Route<LinkInput, LinkOutput> link(Settings.Listener listener) throws BootException {
    LinkServices services = services("listener " + listener.name(), listener.services(), listener);
    return new Route<>(
        listener.name(),
        new Protocol<>("", new HandshakeCodec(services), () -> HandshakeCodec.NO_SERVICE),
        services.protocols(),
        listener.options(),
        new ListenerMetrics(names(services.protocols()), null));
  }

  private static List<String> names(List<Protocol<?, ?>> protocols) {
    return protocols.stream().map(Protocol::name).distinct().toList();
  }

  private LinkServices services(
      String of, List<Settings.LinkService> services, Settings.Listener listener)
      throws BootException {
    Map<String, LinkServices.Named> named = new LinkedHashMap<>();
    for (Settings.LinkService each : services) {
      String where = of + ", service " + each.name();
      Offer<?, ?> offer = offer(where, each.service());
      named.put(
          each.name(),
          new LinkServices.Named(
              each.name(),
              fitting(where, LINK, LinkInput.class, LinkOutput.class, offer),
              each.allow(),
              each.tokenFiles().stream().map(credentials::token).toList(),
              guarding.of(where, each.authenticator(), listener)));
    }
    return new LinkServices(
        named,
        LinkServices.limits(bounds.link()),
        guarding.counters(),
        counters.refusals(),
        bounds.link().comeBackMs());
  }

  private HttpRouter.Target target(String where, Settings.HttpRoute route) throws BootException {
    Settings.ServedFiles files = route.files();
    if (files != null) {
      return HttpRouter.Target.whole(
          route.path(), new FileDirectory(files.directory(), route.path(), files.compress() ? forms : null));
    }
    Offer<?, ?> offer = offer(where, route.service());
    return switch (route.body()) {
      case WHOLE ->
          HttpRouter.Target.whole(
              route.path(), fitting(where, HTTP, FullHttpRequest.class, HttpObject.class, offer));
      case STREAM ->
          new HttpRouter.Target(
              route.path(),
              fitting(where + ", body = stream", HTTP, HttpObject.class, HttpObject.class, offer));
    };
  }

  private Offer<?, ?> offer(String where, String name) throws BootException {
    Offer<?, ?> offer = offers.get(name);
    if (offer == null) {
      throw unknown(where, "service", name, offers);
    }
    return offer;
  }

  private static BootException unknown(
      String where, String what, String name, Map<String, ?> known, String... more) {
    TreeSet<String> names = new TreeSet<>(known.keySet());
    names.addAll(List.of(more));
    return new BootException(
        "%s: unknown %s %s; known: %s"
            .formatted(where, what, name, names.isEmpty() ? "none" : String.join(", ", names)));
  }

  /**
   * The service as one of the codec's types. It receives what the codec reads or something wider
   * and sends what the codec writes or something narrower; Java has no word for that, so the cast
   * is unchecked.
   */
  @SuppressWarnings("unchecked")
  private static <I, O> Supplier<? extends Service<I, O>> fitting(
      String where, String codec, Class<I> in, Class<O> out, Offer<?, ?> offer)
      throws BootException {
    if (!offer.in().isAssignableFrom(in) || !out.isAssignableFrom(offer.out())) {
      throw new BootException(
          ("%s: codec %s reads %s and writes %s,"
                  + " but service %s of module %s receives %s and sends %s")
              .formatted(
                  where,
                  codec,
                  in.getName(),
                  out.getName(),
                  offer.name(),
                  offer.module(),
                  offer.in().getName(),
                  offer.out().getName()));
    }
    return (Supplier<? extends Service<I, O>>) offer.factory();
  }
}
