package io.baton.worker;

import io.baton.codec.Codec;
import io.baton.codec.Protocol;
import io.baton.codec.http.FileDirectory;
import io.baton.codec.http.GzipCache;
import io.baton.config.CodecSettings;
import io.baton.config.Places;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Finds each listener's codec and service, or those of its routes, and checks that the two speak
 * the same types.
 */
final class Routes {
  private static final String HTTP = "http";
  private static final String WEBSOCKET = "websocket";
  private static final String LINK = "link";
  private static final String CODEC = ".codec";
  private static final String SERVICE = ".service";

  private final CodecSettings bounds;
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
      CodecSettings bounds,
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
   * @param spool key long bodies go
   * @param counters of what is decided on clients before their sessions begin
   * @param guarding finds authenticators
   * @param credentials has the tokens of services
   * @param logs of the listeners' requests
   */
  static List<Route<?, ?>> resolve(
      List<Settings.Listener> listeners,
      CodecSettings bounds,
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
    List<BootException> mistakes = new ArrayList<>();
    for (Settings.Listener listener : listeners) {
      try {
        routes.add(resolver.resolve(listener));
      } catch (BootException e) {
        mistakes.add(e);
      }
    }
    BootException.throwIfAny(mistakes);
    return List.copyOf(routes);
  }

  private Route<?, ?> resolve(Settings.Listener listener) throws BootException {
    if (!listener.services().isEmpty()) {
      return link(listener);
    }
    if (!listener.routes().isEmpty()) {
      return routed(listener, listener.routes());
    }
    String key = key(listener);
    Codec<?, ?> codec = codecs.get(listener.codec());
    if (codec == null) {
      Set<String> known = new HashSet<>(codecs.keySet());
      known.add(WEBSOCKET);
      throw Misfit.unknown(key + CODEC, "codec", listener.codec(), known);
    }
    Offer<?, ?> offer = offer(key, listener.service());
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
        fitting(key(listener), listener.codec(), codec.in(), codec.out(), offer);
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
    List<BootException> mistakes = new ArrayList<>();
    for (Settings.HttpRoute route : routes) {
      try {
        List<? extends Protocol<?, ?>> its = add(listener, route, targets, upgrades);
        protocols.addAll(its);
        if (!route.options().equals(Settings.RouteOptions.NONE)) {
          own.put(route.path(), route.options());
          its.forEach(each -> own.put(each.name(), route.options()));
        }
      } catch (BootException e) {
        mistakes.add(e);
      }
    }
    BootException.throwIfAny(mistakes);
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

  /** Adds the route to one of them; returns what is spoken after its upgrade. */
  private List<? extends Protocol<?, ?>> add(
      Settings.Listener listener,
      Settings.HttpRoute route,
      List<HttpRouter.Target> targets,
      Map<String, Upgrade> upgrades)
      throws BootException {
    String key = Places.below(key(listener), "routes", route.path());
    return switch (route.codec()) {
      case HTTP -> {
        targets.add(target(key, route));
        yield List.of();
      }
      case WEBSOCKET -> {
        WebSocketUpgrade upgrade =
            new WebSocketUpgrade(
                route.path(),
                bounds.webSocket(),
                route.origins(),
                counters.denied(),
                listener.options().session().awaits().inQuery(),
                fitting(
                    key,
                    WEBSOCKET,
                    WebSocketFrame.class,
                    WebSocketFrame.class,
                    offer(key, route.service())));
        upgrades.put(route.path(), upgrade);
        yield upgrade.protocols();
      }
      case LINK -> {
        LinkUpgrade upgrade =
            new LinkUpgrade(
                route.path(),
                route.origins(),
                counters.denied(),
                services(key, route.services(), listener));
        upgrades.put(route.path(), upgrade);
        yield upgrade.protocols();
      }
      default ->
          throw Misfit.unknown(key + CODEC, "codec", route.codec(), Set.of(HTTP, LINK, WEBSOCKET));
    };
  }

  /** Link, whose clients ask for one of several services. */
  private Route<LinkInput, LinkOutput> link(Settings.Listener listener) throws BootException {
    LinkServices services = services(key(listener), listener.services(), listener);
    return new Route<>(
        listener.name(),
        new Protocol<>("", new HandshakeCodec(services), () -> HandshakeCodec.NO_SERVICE),
        services.protocols(),
        listener.options(),
        new ListenerMetrics(names(services.protocols()), null));
  }

  private static String key(Settings.Listener listener) {
    return Places.key("listeners", listener.name());
  }

  private static List<String> names(List<Protocol<?, ?>> protocols) {
    return protocols.stream().map(Protocol::name).distinct().toList();
  }

  private LinkServices services(
      String of, List<Settings.LinkService> services, Settings.Listener listener)
      throws BootException {
    Map<String, LinkServices.Named> named = new LinkedHashMap<>();
    for (Settings.LinkService each : services) {
      String key = Places.below(of, "services", each.name());
      Offer<?, ?> offer = offer(key, each.service());
      named.put(
          each.name(),
          new LinkServices.Named(
              each.name(),
              fitting(key, LINK, LinkInput.class, LinkOutput.class, offer),
              each.allow(),
              each.tokenFiles().stream().map(credentials::token).toList(),
              guarding.of(key, each.authenticator(), listener)));
    }
    return new LinkServices(
        named,
        LinkServices.limits(bounds.link()),
        guarding.counters(),
        counters.refusals(),
        bounds.link().comeBackMs());
  }

  private HttpRouter.Target target(String key, Settings.HttpRoute route) throws BootException {
    Settings.ServedFiles files = route.files();
    if (files != null) {
      return HttpRouter.Target.whole(
          route.path(),
          new FileDirectory(files.directory(), route.path(), files.compress() ? forms : null));
    }
    Offer<?, ?> offer = offer(key, route.service());
    return switch (route.body()) {
      case WHOLE ->
          HttpRouter.Target.whole(
              route.path(), fitting(key, HTTP, FullHttpRequest.class, HttpObject.class, offer));
      case STREAM ->
          new HttpRouter.Target(
              route.path(),
              fitting(key, "http with body = stream", HttpObject.class, HttpObject.class, offer));
    };
  }

  private Offer<?, ?> offer(String key, String name) throws BootException {
    Offer<?, ?> offer = offers.get(name);
    if (offer == null) {
      throw Misfit.unknown(key + SERVICE, "service", name, offers.keySet());
    }
    return offer;
  }

  /**
   * The service as one of the codec's types. It receives what the codec reads or something wider
   * and sends what the codec writes or something narrower; Java has no word for that, so the cast
   * is unchecked.
   */
  @SuppressWarnings("unchecked")
  private static <I, O> Supplier<? extends Service<I, O>> fitting(
      String key, String codec, Class<I> in, Class<O> out, Offer<?, ?> offer) throws BootException {
    if (!offer.in().isAssignableFrom(in) || !out.isAssignableFrom(offer.out())) {
      throw Misfit.types(key + SERVICE, codec, in, out, offer);
    }
    return (Supplier<? extends Service<I, O>>) offer.factory();
  }
}
