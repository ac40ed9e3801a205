package io.baton.config;

import io.baton.config.Settings.Body;
import io.baton.config.Settings.HttpRoute;
import io.baton.config.Settings.LinkService;
import io.baton.config.Settings.RouteOptions;
import io.baton.config.Settings.ServedFiles;
import io.baton.config.Settings.Window;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The block of an http listener's routes. */
final class RoutesMapper {
  private static final String FILES = "files";
  private static final String COMPRESS = "compress";

  private final Path home;
  private final String inherited;
  private final RouteOptionsMapper options;
  private final LinkServicesMapper link;

  /**
   * @param home what relative directories are below
   * @param inherited authenticator of the listener
   * @param usual window of the listener
   * @param link reads the services of routes of link
   */
  RoutesMapper(Path home, String inherited, Window usual, LinkServicesMapper link) {
    this.home = home;
    this.inherited = inherited;
    this.options = new RouteOptionsMapper(usual);
    this.link = link;
  }

  /** Each is a service's name, or a block. */
  List<HttpRoute> map(Section block) {
    List<HttpRoute> routes = new ArrayList<>();
    Map<RoutePattern, String> patterns = new HashMap<>();
    for (String path : block.keys()) {
      checkPattern(path, block, patterns);
      if (block.isBlock(path)) {
        routes.add(route(path, block.section(path)));
      } else {
        routes.add(http(path, block.text(path)));
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

  private HttpRoute http(String path, String service) {
    return new HttpRoute(
        path, "http", service, Body.WHOLE, HttpRoute.AS_HTTP, List.of(), inherited);
  }

  private HttpRoute route(String path, Section route) {
    RouteOptionsMapper.checkConnection(route);
    if (route.has(FILES)) {
      return files(path, route);
    }
    String codec =
        route.text("codec", ListenersMapper.CODECS, ListenersMapper.NAME.asMatchPredicate());
    boolean hasServices = route.has(LinkServicesMapper.SERVICES);
    boolean hasOne = route.has("service") || !hasServices;
    String service = hasOne ? route.text("service") : "";
    if (hasServices && (!codec.equals(ListenersMapper.LINK) || hasOne)) {
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
    boolean isWebSocket =
        codec.equals(ListenersMapper.WEBSOCKET) || codec.equals(ListenersMapper.LINK);
    List<String> origins = origins(route, isWebSocket, "websocket and link");
    String authenticator = authenticator(route);
    for (String key : List.of("body", "max-content", RouteOptionsMapper.RESPONSE_TIMEOUT)) {
      if (route.has(key) && !codec.equals("http")) {
        route.contradicts(key, "no " + key + ", which is for codec = http only", "codec");
      }
    }
    if (codec.equals("http")) {
      RouteOptionsMapper.checkHttp(route);
    }
    if (route.has(COMPRESS)) {
      route.contradicts(COMPRESS, "no compress, which is for files only");
    }
    if (isWebSocket) {
      checkUpgrade(path, route);
    }
    List<LinkService> services = List.of();
    if (codec.equals(
        ListenersMapper.LINK)) { // the authenticator decides on the request, not on a credential
      services = hasServices ? link.map(route, "") : link.only(route, service, "");
      service = "";
    }
    RouteOptions own = options.map(route);
    route.end();
    return new HttpRoute(
        path, codec, service, body, maxContent, origins, authenticator, services, null, own);
  }

  /** A route of a directory's files, which is http and has no service. */
  private HttpRoute files(String pattern, Section route) {
    if (route.has(RouteOptionsMapper.LANE)) {
      route.contradicts(
          RouteOptionsMapper.LANE,
          "no lane beside files, which are read on virtual threads",
          FILES);
    }
    RouteOptionsMapper.checkHttp(route);
    for (String key : List.of("service", LinkServicesMapper.SERVICES, "body", "origins")) {
      if (route.has(key)) {
        route.contradicts(key, "no " + key + " beside files, which need none", FILES);
      }
    }
    for (String key : List.of("max-content", RouteOptionsMapper.READ_TIMEOUT)) {
      if (route.has(key)) {
        route.contradicts(key, "no " + key + " beside files, which take no content", FILES);
      }
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
    boolean compress =
        !route.has(COMPRESS) || route.oneOf(COMPRESS, List.of("on", "off")).equals("on");
    String authenticator = authenticator(route);
    RouteOptions own = options.map(route);
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
        new ServedFiles(directory, compress),
        own);
  }

  /** Returns that of a route, which may be its listener's. */
  private String authenticator(Section route) {
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

  /**
   * Reads a list, or {@code *} alone.
   *
   * @param fits whether its codec is one of these
   */
  static List<String> origins(Section block, boolean fits, String codecs) {
    if (!block.has("origins")) {
      return List.of();
    }
    if (!fits) {
      block.contradicts(
          "origins", "no origins, which are for codec = %s only".formatted(codecs), "codec");
    }
    List<String> origins = block.parsedAll("origins", WebOrigin.ALLOWED, RoutesMapper::origin);
    if (origins.isEmpty()) {
      block.contradicts("origins", "at least one origin, or [\"*\"] for all");
    }
    return origins;
  }

  private static String origin(String text) {
    return text.equals(WebOrigin.ANY) ? text : WebOrigin.parse(text).toString();
  }
}
