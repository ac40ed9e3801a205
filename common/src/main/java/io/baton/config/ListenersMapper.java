package io.baton.config;

import io.baton.config.Settings.Body;
import io.baton.config.Settings.HttpRoute;
import io.baton.config.Settings.LinkService;
import io.baton.config.Settings.Listener;
import io.baton.config.Settings.ListenerOptions;
import io.baton.config.Settings.Timeouts;
import io.baton.service.Endpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The blocks of listeners, what they inherit, and that no two want the same address. */
final class ListenersMapper {

  /** Modules may bring more, which only the worker knows. */
  static final String CODECS =
      "frame, http, line, link, raw, websocket or a codec of one of your modules";

  static final String WEBSOCKET = "websocket";
  static final String LINK = "link";

  /** What auto means for link, whose sessions outlive their connections. */
  private static final long LINK_AWAITS_MS = 60_000;

  private static final String EVERYWHERE = "/*";

  static final Pattern NAME = Pattern.compile("[a-z0-9-]+");

  private final Path home;
  private final Path runDir;
  private final CredentialsReader credentials;

  /**
   * @param home what relative directories are below
   * @param runDir where sockets are
   */
  ListenersMapper(Path home, Path runDir, CredentialsReader credentials) {
    this.home = home;
    this.runDir = runDir;
    this.credentials = credentials;
  }

  List<Listener> map(Section baton) {
    Section common = baton.section("listener-defaults");
    ListenerOptions defaults = new ListenerOptionsMapper(common, null, credentials).map();
    common.end();
    Section block = baton.section("listeners");
    Map<String, Section> blocks = block.entries();
    if (blocks.isEmpty()) {
      baton.contradicts("listeners", "at least one listener");
    }
    List<Listener> listeners = new ArrayList<>();
    blocks.forEach((name, each) -> {
      if (!NAME.matcher(name).matches()) {
        block.refuseName(name, "a name of a-z, 0-9 and -");
      }
      Listener listener = listener(name, each, defaults);
      if (listener != null) {
        checkUnique(listener, each, listeners);
        listeners.add(listener);
      }
    });
    return listeners;
  }

  private @Nullable Listener listener(String name, Section block, ListenerOptions defaults) {
    Endpoint endpoint = endpoint(block);
    String codec = block.text("codec", CODECS, NAME.asMatchPredicate());
    ListenerOptions options = new ListenerOptionsMapper(block, defaults, credentials).map();
    String authenticator = options.session().authentication().authenticator();
    LinkServicesMapper link = new LinkServicesMapper(block, endpoint, options, credentials);
    List<HttpRoute> routes =
        block.has("routes")
            ? new RoutesMapper(home, authenticator, options.session().window(), link)
                .map(block.section("routes"))
            : List.of();
    boolean hasServices = block.has(LinkServicesMapper.SERVICES);
    boolean hasOne = block.has("service") || (routes.isEmpty() && !hasServices);
    String service = hasOne ? block.text("service") : "";
    List<String> origins = RoutesMapper.origins(block, codec.equals(WEBSOCKET), WEBSOCKET);
    if (!routes.isEmpty() && (block.has("service") || !codec.equals("http"))) {
      block.contradicts(
          "routes", "routes only with codec = http and without a service", "service", "codec");
    }
    if (endpoint != null) {
      checkFits(endpoint, block, options);
    }
    boolean hasLink = codec.equals(LINK) || has(routes, LINK);
    checkCodec(codec, hasLink, block, authenticator);
    List<LinkService> services = List.of();
    if (codec.equals(LINK)) {
      services =
          hasServices
              ? link.map(block, authenticator)
              : hasOne ? link.only(block, service, authenticator) : services;
      service = "";
    }
    block.end();
    options = withAwaits(options, hasLink);
    if (routes.isEmpty() && codec.equals(WEBSOCKET)) {
      routes =
          List.of(
              new HttpRoute(
                  EVERYWHERE,
                  WEBSOCKET,
                  service,
                  Body.WHOLE,
                  HttpRoute.AS_HTTP,
                  origins,
                  authenticator));
    }
    return endpoint == null
        ? null
        : new Listener(name, endpoint, codec, service, routes, services, options);
  }

  private static boolean has(List<HttpRoute> routes, String codec) {
    return routes.stream().anyMatch(route -> route.codec().equals(codec));
  }

  /** Decides what depends on the codecs. */
  private static ListenerOptions withAwaits(ListenerOptions options, boolean hasLink) {
    return options.session().awaits().forMs() == Timeouts.AUTO
        ? options.withAwaitsMs(hasLink ? LINK_AWAITS_MS : 0)
        : options;
  }

  /** Refuses keys that have no effect with the listener's codec. */
  private static void checkCodec(
      String codec, boolean hasLink, Section block, String authenticator) {
    boolean isLink = codec.equals(LINK);
    boolean speaksHttp = codec.equals("http") || codec.equals(WEBSOCKET);
    if (!speaksHttp && block.has(ListenerOptionsMapper.REAL_IP)) {
      block.contradicts(
          ListenerOptionsMapper.REAL_IP,
          "no real-ip, which is for codec = http and websocket only",
          "codec");
    }
    if (!speaksHttp && !isLink && !authenticator.isEmpty()) { // inherited or not
      block.contradicts(
          ListenerOptionsMapper.AUTHENTICATOR,
          "off: an authenticator is for codec = http, websocket and link only",
          "codec");
    }
    if (!hasLink && block.has(LinkServicesMapper.PLAINTEXT_TOKENS)) {
      block.contradicts(
          LinkServicesMapper.PLAINTEXT_TOKENS,
          "no plaintext-tokens, which is for codec = link only",
          "codec");
    }
    if (block.has(LinkServicesMapper.SERVICES)
        && (!isLink || block.has("service") || block.has("routes"))) {
      block.contradicts(
          LinkServicesMapper.SERVICES,
          "services only with codec = link and without a service or routes",
          "codec",
          "service",
          "routes");
    }
  }

  /** What the block itself says must make sense for such an endpoint; the defaults are for all. */
  private static void checkFits(Endpoint endpoint, Section block, ListenerOptions options) {
    if (file(endpoint) == null && block.has("mode")) {
      block.contradicts("mode", "no mode, which is for Unix sockets only");
    }
    if (!(endpoint instanceof Endpoint.Tcp) && block.has("defer-accept")) {
      block.contradicts("defer-accept", "no defer-accept, which is for tcp only");
    }
    checkPeers(ListenerOptionsMapper.PROXY, options.proxy().from(), endpoint, block);
    if (!options.proxy().isOn()) { // else its clients are not those that connect to it
      checkPeers("allow", options.access().allow(), endpoint, block);
      checkPeers("deny", options.access().deny(), endpoint, block);
    }
  }

  private static void checkPeers(
      String key, List<PeerRange> ranges, Endpoint endpoint, Section block) {
    String allowed = EndpointPeers.misfit(ranges, endpoint);
    if (allowed != null && block.has(key)) {
      block.contradicts(key, allowed, "endpoint");
    }
  }

  private @Nullable Endpoint endpoint(Section block) {
    Endpoint endpoint = block.parsed("endpoint", Endpoint.FORMS, Endpoint::parse);
    return switch (endpoint) {
      case null -> null;
      case Endpoint.Tcp _, Endpoint.Vsock _ -> endpoint;
      case Endpoint.Unix unix -> {
        Path path = runDir.resolve(unix.path()).normalize();
        checkPath(path, block);
        yield new Endpoint.Unix(path);
      }
      case Endpoint.VsockUnix machine -> {
        checkPath(machine.arrivals(), block);
        yield machine;
      }
    };
  }

  private void checkPath(Path path, Section block) {
    int length = SettingsMapper.socketLength(path);
    if (length > Endpoint.Unix.MAX_PATH_BYTES) {
      block.refuse(
          "endpoint",
          "a path of at most %d bytes (%s has %d)"
              .formatted(Endpoint.Unix.MAX_PATH_BYTES, path, length));
    } else if (path.equals(SettingsMapper.adminSocket(runDir))) {
      block.refuse("endpoint", "any path but that of the admin socket");
    }
  }

  private static void checkUnique(Listener listener, Section block, List<Listener> others) {
    for (Listener other : others) {
      if (clash(listener.endpoint(), other.endpoint())) {
        block.contradicts("endpoint", "any but that of listener " + other.name());
        return;
      }
    }
  }

  private static boolean clash(Endpoint a, Endpoint b) {
    if (a instanceof Endpoint.Tcp one && b instanceof Endpoint.Tcp two) {
      return one.port() == two.port() && Hosts.same(one.host(), two.host());
    }
    Path file = file(a);
    return a.equals(b) || (file != null && file.equals(file(b)));
  }

  /** Of a Unix socket; null for any other. */
  private static @Nullable Path file(Endpoint endpoint) {
    return switch (endpoint) {
      case Endpoint.Unix unix -> unix.path();
      case Endpoint.VsockUnix machine -> machine.arrivals();
      case Endpoint.Tcp _, Endpoint.Vsock _ -> null;
    };
  }
}
