package io.baton.worker.codec.http;

import io.baton.codec.http.RequestTarget;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is at a path: first what is exactly there, then the longest prefix that ends with {@code
 * /*}. ({@code /x/*} has {@code /x/} and all below, not {@code /x}.) Immutable.
 *
 * <p>A request's path is taken without scheme, host and query and percent-decoded as UTF-8, so that
 * {@code /%68ello} is {@code /hello}, except that {@code %2F} and {@code %25} stay what they are.
 * Dot segments are not resolved.
 */
public final class Paths<T> {
  private record Prefix<T>(String path, T value) {}

  private final Map<String, T> exact = new HashMap<>();
  private final List<Prefix<T>> prefixes = new ArrayList<>();

  /**
   * @param values by path, or by prefix with {@code /*} at its end
   */
  public Paths(Map<String, ? extends T> values) {
    values.forEach((path, value) -> {
      if (path.endsWith("/*")) {
        prefixes.add(new Prefix<>(path.substring(0, path.length() - 1), value));
      } else {
        exact.put(path, value);
      }
    });
    prefixes.sort(Comparator.comparingInt((Prefix<T> each) -> each.path.length()).reversed());
  }

  /** Whether nothing is anywhere. */
  boolean isEmpty() {
    return exact.isEmpty() && prefixes.isEmpty();
  }

  /** What a request with this target is for; null if nothing is there. */
  public @Nullable T find(String target) {
    if (isEmpty()) {
      return null;
    }
    String path = RequestTarget.path(target);
    T found = exact.get(path);
    if (found != null) {
      return found;
    }
    for (Prefix<T> prefix : prefixes) {
      if (path.startsWith(prefix.path)) {
        return prefix.value;
      }
    }
    return null;
  }
}
