package io.baton.config;

import io.baton.config.Settings.HttpRoute;
import io.baton.config.Settings.Listener;
import io.baton.config.Settings.ListenerOptions;
import io.baton.service.Endpoint;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The blocks of listeners, what they inherit, and that no two want the same address. */
final class ListenersMapper {

  /** Modules may bring more, which only the worker knows. */
  private static final String CODECS =
      "frame, http, line, raw, websocket or a codec of one of your modules";

  private static final Pattern NAME = Pattern.compile("[a-z0-9-]+");
  private static final Pattern PATH = Pattern.compile("/[^\\s?#*]*(?<=/)\\*|/[^\\s?#*]*");

  private final Path runDir;

  ListenersMapper(Path runDir) {
    this.runDir = runDir;
  }

  List<Listener> map(Section baton) {
    Section common = baton.section("listener-defaults");
    ListenerOptions defaults = new ListenerOptionsMapper(common, null).map();
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
    List<HttpRoute> routes = block.has("routes") ? routes(block.section("routes")) : List.of();
    String service = routes.isEmpty() || block.has("service") ? block.text("service") : "";
    if (!routes.isEmpty() && (block.has("service") || !codec.equals("http"))) {
      block.contradicts(
          "routes", "routes with codec = http and instead of a service", "service", "codec");
    }
    ListenerOptions options = new ListenerOptionsMapper(block, defaults).map();
    if (endpoint != null && !(endpoint instanceof Endpoint.Unix) && block.has("mode")) {
      block.contradicts("mode", "no mode, which is for unix: endpoints only");
    }
    block.end();
    return endpoint == null ? null : new Listener(name, endpoint, codec, service, routes, options);
  }

  /** Each is a service's name, or a block with codec and service. */
  private static List<HttpRoute> routes(Section block) {
    List<HttpRoute> routes = new ArrayList<>();
    for (String path : block.keys()) {
      if (!PATH.matcher(path).matches()) {
        block.refuseName(path, "a path such as \"/hello\", or \"/files/*\" for all below");
      }
      if (block.isBlock(path)) {
        Section route = block.section(path);
        routes.add(
            new HttpRoute(
                path, route.text("codec", CODECS, NAME.asMatchPredicate()), route.text("service")));
        route.end();
      } else {
        routes.add(new HttpRoute(path, "http", block.text(path)));
      }
    }
    return routes;
  }

  private @Nullable Endpoint endpoint(Section block) {
    String allowed = "tcp://HOST:PORT, unix:///PATH, unix:NAME or vsock://CID:PORT";
    Endpoint endpoint = block.parsed("endpoint", allowed, Endpoint::parse);
    if (!(endpoint instanceof Endpoint.Unix unix)) {
      return endpoint;
    }
    Path path = runDir.resolve(unix.path()).normalize();
    int length = SettingsMapper.socketLength(path);
    if (length > Endpoint.Unix.MAX_PATH_BYTES) {
      block.refuse(
          "endpoint",
          "a path of at most %d bytes (%s has %d)"
              .formatted(Endpoint.Unix.MAX_PATH_BYTES, path, length));
    } else if (path.equals(SettingsMapper.adminSocket(runDir))) {
      block.refuse("endpoint", "another path than that of the admin socket");
    }
    return new Endpoint.Unix(path);
  }

  private static void checkUnique(Listener listener, Section block, List<Listener> others) {
    for (Listener other : others) {
      if (clash(listener.endpoint(), other.endpoint())) {
        block.contradicts("endpoint", "another than that of listener " + other.name());
        return;
      }
    }
  }

  private static boolean clash(Endpoint a, Endpoint b) {
    if (a instanceof Endpoint.Tcp one && b instanceof Endpoint.Tcp two) {
      return one.port() == two.port() && sameHost(one.host(), two.host());
    }
    return a.equals(b);
  }

  /**
   * Whether one port of these hosts can be bound but once. As far as can be told without DNS: what
   * is missed here fails when it is bound.
   */
  static boolean sameHost(String a, String b) {
    InetAddress one = literal(a);
    InetAddress two = literal(b);
    if (one == null || two == null) {
      return a.equalsIgnoreCase(b);
    }
    boolean any = one.isAnyLocalAddress() || two.isAnyLocalAddress();
    return one.equals(two) || (any && one.getClass() == two.getClass());
  }

  private static @Nullable InetAddress literal(String host) {
    try {
      return InetAddress.ofLiteral(host.equalsIgnoreCase("localhost") ? "127.0.0.1" : host);
    } catch (IllegalArgumentException _) {
      return null;
    }
  }
}
