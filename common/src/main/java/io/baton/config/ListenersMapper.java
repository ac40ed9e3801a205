package io.baton.config;

import io.baton.config.Settings.Body;
import io.baton.config.Settings.HttpRoute;
import io.baton.config.Settings.LinkService;
import io.baton.config.Settings.Listener;
import io.baton.config.Settings.ListenerOptions;
import io.baton.config.Settings.Timeouts;
import io.baton.service.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The blocks of listeners, what they inherit, and that no two want the same address. */
final class ListenersMapper {

  /** Modules may bring more, which only the worker knows. */
  private static final String CODECS =
      "frame, http, line, link, raw, websocket or a codec of one of your modules";

  private static final String WEBSOCKET = "websocket";
  private static final String LINK = "link";
  private static final String FILES = "files";
  private static final String RESPONSE_TIMEOUT = "response-timeout";

  /** What holds for a connection, which exists before there is a request. */
  private static final Set<String> OF_SESSION =
      Set.of(
          "lane",
          "window-messages",
          "window-bytes",
          "high-water-mark",
          "max-pending",
          "first-byte-timeout",
          "header-timeout",
          "read-timeout",
          "idle-timeout",
          "write-timeout",
          "awaits-return",
          "max-connections",
          "max-connections-per-peer",
          "allow",
          "deny",
          "tls",
          "real-ip",
          "proxy-protocol");

  /** What auto means for link, whose sessions outlive their connections. */
  private static final long LINK_AWAITS_MS = 60_000;

  private static final String EVERYWHERE = "/*";

  private static final Pattern NAME = Pattern.compile("[a-z0-9-]+");

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
        block.has("routes") ? routes(block.section("routes"), authenticator, link) : List.of();
    boolean hasServices = block.has(LinkServicesMapper.SERVICES);
    boolean hasOne = block.has("service") || (routes.isEmpty() && !hasServices);
    String service = hasOne ? block.text("service") : "";
    List<String> origins = origins(block, codec.equals(WEBSOCKET), WEBSOCKET);
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
      routes = List.of(websocket(EVERYWHERE, service, origins, authenticator));
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

  private static HttpRoute websocket(
      String path, String service, List<String> origins, String authenticator) {
    return new HttpRoute(
        path, WEBSOCKET, service, Body.WHOLE, HttpRoute.AS_HTTP, origins, authenticator);
  }

  /**
   * Reads a list, or {@code *} alone.
   *
   * @param fits whether its codec is one of these
   */
  private static List<String> origins(Section block, boolean fits, String codecs) {
    if (!block.has("origins")) {
      return List.of();
    }
    if (!fits) {
      block.contradicts(
          "origins", "no origins, which are for codec = %s only".formatted(codecs), "codec");
    }
    List<String> origins = block.parsedAll("origins", WebOrigin.ALLOWED, ListenersMapper::origin);
    if (origins.isEmpty()) {
      block.contradicts("origins", "at least one origin, or [\"*\"] for all");
    }
    return origins;
  }

  private static String origin(String text) {
    return text.equals(WebOrigin.ANY) ? text : WebOrigin.parse(text).toString();
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

  /** Each is a service's name, or a block. */
  private List<HttpRoute> routes(Section block, String authenticator, LinkServicesMapper link) {
    List<HttpRoute> routes = new ArrayList<>();
    Map<RoutePattern, String> patterns = new HashMap<>();
    for (String path : block.keys()) {
      checkPattern(path, block, patterns);
      if (block.isBlock(path)) {
        routes.add(route(path, block.section(path), authenticator, link));
      } else {
        routes.add(http(path, block.text(path), authenticator));
      }
    }
    return routes;
  }

  /**
   * Refuses what cannot be meant, and a second pattern for the same requests.
   *
   * @param others by what they are for
   */
  private static void checkPattern(String text, Section block, Map<RoutePattern, String> others) {
    try {
      String other = others.putIfAbsent(RoutePattern.parse(text).normalized(), text);
      if (other != null) {
        block.refuseName(
            text, "one pattern for the same requests, which \"%s\" is".formatted(other));
      }
    } catch (IllegalArgumentException e) {
      block.refuseName(text, String.valueOf(e.getMessage()));
    }
  }

  private static HttpRoute http(String path, String service, String authenticator) {
    return new HttpRoute(
        path, "http", service, Body.WHOLE, HttpRoute.AS_HTTP, List.of(), authenticator);
  }

  /**
   * @param inherited authenticator of the listener
   * @param link reads the services of a route of link
   */
  private HttpRoute route(String path, Section route, String inherited, LinkServicesMapper link) {
    checkRoute(route);
    if (route.has(FILES)) {
      return files(path, route, inherited);
    }
    String codec = route.text("codec", CODECS, NAME.asMatchPredicate());
    boolean hasServices = route.has(LinkServicesMapper.SERVICES);
    boolean hasOne = route.has("service") || !hasServices;
    String service = hasOne ? route.text("service") : "";
    if (hasServices && (!codec.equals(LINK) || hasOne)) {
      route.contradicts(
          LinkServicesMapper.SERVICES,
          "services only with codec = link and without a service",
          "codec",
          "service");
    }
    Body body = route.has("body") ? route.oneOf("body", Body.class) : Body.WHOLE;
    long maxContent = HttpRoute.AS_HTTP;
    if (route.has("max-content")) {
      maxContent =
          body == Body.STREAM
              ? route.bytesOr("max-content", Map.of("off", Long.MAX_VALUE), 0, SettingsMapper.TIB)
              : route.bytes("max-content", 0, SettingsMapper.MAX_WHOLE);
    }
    boolean isWebSocket = codec.equals(WEBSOCKET) || codec.equals(LINK);
    List<String> origins = origins(route, isWebSocket, "websocket and link");
    String authenticator = authenticator(route, inherited);
    for (String key : List.of("body", "max-content", RESPONSE_TIMEOUT)) {
      if (route.has(key) && !codec.equals("http")) {
        route.contradicts(key, "no " + key + ", which is for codec = http only", "codec");
      }
    }
    if (isWebSocket) {
      checkUpgrade(path, route);
    }
    List<LinkService> services = List.of();
    if (codec.equals(LINK)) { // the authenticator decides on the request, not on a credential
      services = hasServices ? link.map(route, "") : link.only(route, service, "");
      service = "";
    }
    long responseTimeoutMs = responseTimeoutMs(route);
    route.end();
    return new HttpRoute(
        path,
        codec,
        service,
        body,
        maxContent,
        origins,
        authenticator,
        services,
        null,
        responseTimeoutMs);
  }

  /** A route of a directory's files, which is http and has no service. */
  private HttpRoute files(String pattern, Section route, String inherited) {
    for (String key : List.of("service", LinkServicesMapper.SERVICES, "body", "origins")) {
      if (route.has(key)) {
        route.contradicts(key, "no " + key + " beside files, which need none", FILES);
      }
    }
    if (route.has("max-content")) {
      route.contradicts("max-content", "no max-content beside files, which take no content", FILES);
    }
    if (route.has("codec")) {
      route.oneOf("codec", List.of("http"));
    }
    if (!pattern.endsWith("/*")) {
      route.contradicts(FILES, "files only for a path that ends with /*");
    }
    if (pattern.contains(" ") && !pattern.startsWith("GET ")) {
      route.contradicts(FILES, "files only for GET, or for all methods: the others get a 405");
    }
    Path directory = route.path(FILES, home);
    if (route.isGood(FILES) && !Files.isReadable(directory)) {
      route.refuse(FILES, "a directory that is there and that the server's user may read");
    } else if (route.isGood(FILES) && !Files.isDirectory(directory)) {
      route.refuse(FILES, "a directory");
    }
    String authenticator = authenticator(route, inherited);
    long responseTimeoutMs = responseTimeoutMs(route);
    route.end();
    return new HttpRoute(
        pattern,
        "http",
        "",
        Body.WHOLE,
        HttpRoute.AS_HTTP,
        List.of(),
        authenticator,
        List.of(),
        directory,
        responseTimeoutMs);
  }

  private static long responseTimeoutMs(Section route) {
    return route.has(RESPONSE_TIMEOUT)
        ? route.millisOr(RESPONSE_TIMEOUT, Map.of("off", 0L), 10, SettingsMapper.DAY)
        : HttpRoute.AS_LISTENER;
  }

  /** Refuses what a listener may have and a route may not, and says why. */
  private static void checkRoute(Section route) {
    for (String key : route.keys()) {
      if (OF_SESSION.contains(key)) {
        route.contradicts(
            key,
            "no %s in a route, for it holds for the whole connection: set it for the listener"
                .formatted(key));
      }
    }
  }

  /** Returns that of a route, which may be its listener's. */
  private static String authenticator(Section route, String inherited) {
    return route.has(ListenerOptionsMapper.AUTHENTICATOR)
        ? ListenerOptionsMapper.authenticator(route)
        : inherited;
  }

  private static void checkUpgrade(String pattern, Section route) {
    int space = pattern.indexOf(' ');
    if (space >= 0 && !pattern.startsWith("GET ")) {
      route.contradicts(
          "codec",
          "http: WebSockets are opened by GET, so no request for \"%s\" opens one"
              .formatted(pattern));
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
