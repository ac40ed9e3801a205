package io.baton.worker.codec.http;

import static java.util.function.Function.identity;

import io.baton.codec.http.PathPattern;
import io.baton.codec.http.RequestTarget;
import io.baton.config.RoutePattern;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The pattern of a listener's routes that has a request. Its host decides first: the patterns of
 * that very host come before those of {@code *.}, a longer one of these before a shorter one, and
 * those without a host come last. Then its path: text before a parameter before {@code /*}, from
 * the left. The first pattern that fits both has the request, and last its method: a pattern for
 * the method comes before one for all, and GET is HEAD where HEAD has no pattern. Immutable.
 *
 * <p>A request's path is taken without scheme, host and query and percent-decoded as UTF-8, so that
 * {@code /%68ello} is {@code /hello}, except that {@code %2F} and {@code %25} stay what they are.
 * Dot segments are not resolved. ({@code /x/*} has {@code /x/} and all below, not {@code /x}.)
 */
public final class Paths {
  private static final String ALL = "";
  private static final String GET = "GET";
  private static final String HEAD = "HEAD";

  /** The patterns of a path, by method. */
  private record Methods(PathPattern path, Map<String, String> patterns) {
    Methods(PathPattern path) {
      this(path, new HashMap<>());
    }

    /** Returns the pattern for the method; null if there is none. */
    @Nullable String find(String method) {
      String its = patterns.get(method);
      if (its == null && method.equals(HEAD)) {
        its = patterns.get(GET);
      }
      return its == null ? patterns.get(ALL) : its;
    }

    List<String> allowed() {
      TreeSet<String> all = new TreeSet<>(patterns.keySet());
      if (all.contains(GET)) {
        all.add(HEAD);
      }
      return List.copyOf(all);
    }
  }

  /** The paths of a host. */
  private static final class Host {
    final Map<String, Methods> exact = new HashMap<>();
    final Map<PathPattern, Methods> others = new TreeMap<>();

    void put(RoutePattern pattern, String text) {
      PathPattern path = PathPattern.of(pattern.path());
      Methods at =
          path.isExact()
              ? exact.computeIfAbsent(pattern.path(), _ -> new Methods(path))
              : others.computeIfAbsent(path, _ -> new Methods(path));
      at.patterns.put(pattern.method(), text);
    }

    @Nullable Methods find(String path) {
      Methods found = exact.get(path);
      if (found != null) {
        return found;
      }
      for (Methods each : others.values()) {
        if (each.path.fits(path)) {
          return each;
        }
      }
      return null;
    }
  }

  private final Host everyHost = new Host();
  private final Map<String, Host> hosts = new HashMap<>();

  /** Without their star, so that names below them end with them; the longest first. */
  private final Map<String, Host> below =
      new TreeMap<>(Comparator.comparingInt(String::length).reversed().thenComparing(identity()));

  private final boolean isEmpty;

  /**
   * @param patterns all of a listener: {@link RoutePattern#parse}
   */
  public Paths(Collection<String> patterns) {
    for (String each : patterns) {
      RoutePattern pattern =
          each.contains("/") ? RoutePattern.parse(each) : new RoutePattern("", "", each);
      host(pattern.host()).put(pattern, each);
    }
    this.isEmpty = patterns.isEmpty();
  }

  private Host host(String name) {
    if (name.isEmpty()) {
      return everyHost;
    }
    return name.startsWith(RoutePattern.BELOW)
        ? below.computeIfAbsent(name.substring(1), _ -> new Host())
        : hosts.computeIfAbsent(name, _ -> new Host());
  }

  /** Whether there are no patterns. */
  boolean isEmpty() {
    return isEmpty;
  }

  /** Returns the pattern that has the request; null if none has. */
  public @Nullable String find(RequestKey request) {
    if (isEmpty) {
      return null;
    }
    Methods methods = methods(request);
    return methods == null ? null : methods.find(request.method());
  }

  /**
   * Returns the methods that are allowed where this request's is not; empty if no pattern fits, or
   * one fits the method, too.
   */
  List<String> allowed(RequestKey request) {
    Methods methods = methods(request);
    return methods == null || methods.find(request.method()) != null
        ? List.of()
        : methods.allowed();
  }

  private @Nullable Methods methods(RequestKey request) {
    String path = RequestTarget.path(request.target());
    if (!hosts.isEmpty() || !below.isEmpty()) {
      Methods its = ofHost(request.host(), path);
      if (its != null) {
        return its;
      }
    }
    return everyHost.find(path);
  }

  private @Nullable Methods ofHost(String name, String path) {
    Host its = hosts.get(name);
    Methods found = its == null ? null : its.find(path);
    for (Map.Entry<String, Host> each : below.entrySet()) {
      if (found != null) {
        return found;
      }
      if (name.endsWith(each.getKey())) {
        found = each.getValue().find(path);
      }
    }
    return found;
  }
}
