package io.baton.worker.codec.http;

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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is there for a request. Its host decides first: the patterns of that very host come before
 * those of {@code *.}, a longer one of these before a shorter one, and those without a host come
 * last. Then its path: text before a parameter before {@code /*}, from the left. The first pattern
 * that fits both has the request, and last its method: what is there for the method comes before
 * what is there for all, and GET is HEAD where HEAD has no pattern. Immutable.
 *
 * <p>A request's path is taken without scheme, host and query and percent-decoded as UTF-8, so that
 * {@code /%68ello} is {@code /hello}, except that {@code %2F} and {@code %25} stay what they are.
 * Dot segments are not resolved. ({@code /x/*} has {@code /x/} and all below, not {@code /x}.)
 */
public final class Paths<T> {
  private static final String ALL = "";
  private static final String GET = "GET";
  private static final String HEAD = "HEAD";

  /** What is there for a pattern, if anything is. */
  private record Slot<T>(@Nullable T value) {}

  /** What is at a pattern's path, by method. */
  private record Methods<T>(PathPattern path, Map<String, Slot<T>> values) {
    Methods(PathPattern path) {
      this(path, new HashMap<>());
    }

    /** Returns what is there for the method; null if its pattern is not there. */
    @Nullable Slot<T> find(String method) {
      Slot<T> its = values.get(method);
      if (its == null && method.equals(HEAD)) {
        its = values.get(GET);
      }
      return its == null ? values.get(ALL) : its;
    }

    List<String> allowed() {
      TreeSet<String> all = new TreeSet<>(values.keySet());
      if (all.contains(GET)) {
        all.add(HEAD);
      }
      return List.copyOf(all);
    }
  }

  /** The paths of a host. */
  private static final class Host<T> {
    final Map<String, Methods<T>> exact = new HashMap<>();
    final Map<PathPattern, Methods<T>> others = new TreeMap<>();

    void put(RoutePattern pattern, Slot<T> value) {
      PathPattern path = PathPattern.of(pattern.path());
      Methods<T> at =
          path.isExact()
              ? exact.computeIfAbsent(pattern.path(), _ -> new Methods<>(path))
              : others.computeIfAbsent(path, _ -> new Methods<>(path));
      at.values.put(pattern.method(), value);
    }

    @Nullable Methods<T> find(String path) {
      Methods<T> found = exact.get(path);
      if (found != null) {
        return found;
      }
      for (Methods<T> each : others.values()) {
        if (each.path.fits(path)) {
          return each;
        }
      }
      return null;
    }
  }

  private final Host<T> everyHost = new Host<>();
  private final Map<String, Host<T>> hosts = new HashMap<>();

  /** Without their star, so that names below them end with them; the longest first. */
  private final Map<String, Host<T>> below =
      new TreeMap<>(
          Comparator.comparingInt(String::length).reversed().thenComparing(Function.identity()));

  private final boolean isEmpty;

  /**
   * @param values by pattern: {@link RoutePattern#parse}
   */
  public Paths(Map<String, ? extends T> values) {
    this(values.keySet(), values);
  }

  /**
   * @param patterns all of a listener
   * @param values by those of the patterns that have one; nothing is there for the others
   */
  public Paths(Collection<String> patterns, Map<String, ? extends T> values) {
    for (String each : patterns) {
      RoutePattern pattern =
          each.contains("/") ? RoutePattern.parse(each) : new RoutePattern("", "", each);
      host(pattern.host()).put(pattern, new Slot<>(values.get(each)));
    }
    this.isEmpty = values.isEmpty();
  }

  private Host<T> host(String name) {
    if (name.isEmpty()) {
      return everyHost;
    }
    return name.startsWith(RoutePattern.BELOW)
        ? below.computeIfAbsent(name.substring(1), _ -> new Host<>())
        : hosts.computeIfAbsent(name, _ -> new Host<>());
  }

  /** Whether nothing is anywhere. */
  boolean isEmpty() {
    return isEmpty;
  }

  /** Returns what is there for the request; null if nothing is. */
  public @Nullable T find(RequestKey request) {
    if (isEmpty) {
      return null;
    }
    Methods<T> methods = methods(request);
    Slot<T> found = methods == null ? null : methods.find(request.method());
    return found == null ? null : found.value;
  }

  /**
   * Returns the methods that are allowed where this request's is not; empty if no pattern fits, or
   * one fits the method, too.
   */
  List<String> allowed(RequestKey request) {
    Methods<T> methods = methods(request);
    return methods == null || methods.find(request.method()) != null
        ? List.of()
        : methods.allowed();
  }

  private @Nullable Methods<T> methods(RequestKey request) {
    String path = RequestTarget.path(request.target());
    if (!hosts.isEmpty() || !below.isEmpty()) {
      Methods<T> its = ofHost(request.host(), path);
      if (its != null) {
        return its;
      }
    }
    return everyHost.find(path);
  }

  private @Nullable Methods<T> ofHost(String name, String path) {
    Host<T> its = hosts.get(name);
    Methods<T> found = its == null ? null : its.find(path);
    for (Map.Entry<String, Host<T>> each : below.entrySet()) {
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
