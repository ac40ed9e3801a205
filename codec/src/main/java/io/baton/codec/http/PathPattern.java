package io.baton.codec.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The path of a route with its parameters. A service that is told its route gets from it what a
 * request has in their places:
 *
 * <pre>
 *   static final PathPattern ORDER = PathPattern.of("/orders/{id}");
 *
 *   String id = ORDER.parameters(request.uri()).orElseThrow().get("id");
 * </pre>
 *
 * <p>{@code {id}} stands for everything between two slashes, but not for nothing; {@code /*} at the
 * end for everything below, under the name {@code "*"} and without the slash. Values are
 * percent-decoded once, as UTF-8, so that one may have a slash in it that a client wrote as {@code
 * %2F}. The target may be that of a whole request, of the head of a streamed one, or of a
 * WebSocket's handshake ({@code session.handshake()}). Immutable; any thread.
 */
public final class PathPattern implements Comparable<PathPattern> {
  private static final String REST = "*";
  private static final int TEXT = 0;
  private static final int PARAMETER = 1;
  private static final int EVERYTHING = 2;

  private final String pattern;
  private final List<String> parts;
  private final boolean prefix;

  private PathPattern(String pattern) {
    this.pattern = pattern;
    List<String> all = List.of(pattern.split("/", -1));
    this.prefix = all.size() > 1 && all.getLast().equals(REST);
    this.parts = prefix ? all.subList(0, all.size() - 1) : all;
  }

  /**
   * Returns the pattern of a route.
   *
   * @param route as it is configured; a method and a host in front of the path do not count
   */
  public static PathPattern of(String route) {
    int slash = route.indexOf('/');
    return new PathPattern(slash < 0 ? route : route.substring(slash));
  }

  /**
   * Returns what a request has in the places of the parameters, by their names.
   *
   * @param target the request's, with or without a query
   * @return empty if its path does not fit
   */
  public Optional<Map<String, String>> parameters(String target) {
    String path = RequestTarget.path(target);
    if (!fits(path)) {
      return Optional.empty();
    }
    Map<String, String> values = new HashMap<>();
    String[] names = path.split("/", prefix ? parts.size() + 1 : -1);
    for (int at = 0; at < parts.size(); at++) {
      String part = parts.get(at);
      if (isParameter(part)) {
        values.put(part.substring(1, part.length() - 1), plain(names[at]));
      }
    }
    if (prefix) {
      values.put(REST, plain(names[parts.size()]));
    }
    return Optional.of(Map.copyOf(values));
  }

  /**
   * Returns what is behind the prefix, as {@link RequestTarget#path} has it; null if it is none.
   */
  @Nullable String rest(String target) {
    String path = RequestTarget.path(target);
    return prefix && fits(path) ? path.split("/", parts.size() + 1)[parts.size()] : null;
  }

  /** Decodes what {@link RequestTarget#path} has left. */
  static String plain(String text) {
    return text.replace("%2F", "/").replace("%25", "%");
  }

  /** Whether a path fits, as {@link RequestTarget#path} returns it. */
  public boolean fits(String path) {
    int from = 0;
    for (int at = 0; at < parts.size(); at++) {
      int slash = path.indexOf('/', from);
      int end = slash < 0 ? path.length() : slash;
      if (!fits(parts.get(at), path, from, end)) {
        return false;
      }
      if (at == parts.size() - 1 && !prefix) {
        return slash < 0;
      }
      if (slash < 0) {
        return false;
      }
      from = end + 1;
    }
    return true; // behind a slash, and there begins the rest
  }

  private static boolean fits(String part, String path, int from, int end) {
    return isParameter(part)
        ? end > from
        : end - from == part.length() && path.startsWith(part, from);
  }

  /** Whether there is only one path that fits. */
  public boolean isExact() {
    return !prefix && parts.stream().noneMatch(PathPattern::isParameter);
  }

  private static boolean isParameter(String part) {
    return part.startsWith("{") && part.endsWith("}");
  }

  /**
   * Orders patterns by which comes first for a path that fits both: from the left, at the first
   * difference, text comes before a parameter and a parameter before {@code /*}.
   */
  @Override
  public int compareTo(PathPattern other) {
    int most = Math.max(length(), other.length());
    for (int at = 0; at < most; at++) {
      int difference = Integer.compare(kind(at), other.kind(at));
      if (difference == 0 && kind(at) == TEXT) {
        difference = text(at).compareTo(other.text(at));
      }
      if (difference != 0) {
        return difference;
      }
    }
    return 0;
  }

  private int length() {
    return parts.size() + (prefix ? 1 : 0);
  }

  private int kind(int at) {
    if (at >= parts.size()) {
      return prefix ? EVERYTHING : TEXT;
    }
    return isParameter(parts.get(at)) ? PARAMETER : TEXT;
  }

  /** Returns the text there; nothing sorts before every text. */
  private String text(int at) {
    return at < parts.size() ? "/" + parts.get(at) : "";
  }

  /** Two are equal if they fit the same paths. */
  @Override
  public boolean equals(Object other) {
    return other instanceof PathPattern its && compareTo(its) == 0;
  }

  @Override
  public int hashCode() {
    int hash = length();
    for (int at = 0; at < parts.size(); at++) {
      hash = 31 * hash + (kind(at) == TEXT ? text(at).hashCode() : kind(at));
    }
    return hash;
  }

  @Override
  public String toString() {
    return pattern;
  }
}
