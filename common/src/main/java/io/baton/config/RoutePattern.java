package io.baton.config;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The requests that a route is for: {@code [METHOD ][HOST]PATH}. The path is exact, or everything
 * below a slash if it ends with {@code /*}; a part of it may be a parameter, {@code {name}}.
 *
 * @param method empty: every method. GET is HEAD, too
 * @param host in lower case and without a port; {@code *.example.com}: all names below; empty:
 *     every host
 * @param path begins with a slash
 */
public record RoutePattern(String method, String host, String path) {
  /** The methods that a pattern may name. */
  public static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  /** Behind the star of a host that stands for all names below another one. */
  public static final String BELOW = "*.";

  private static final Pattern HOST =
      Pattern.compile("(?:\\*\\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\\[[0-9a-f:.]+]");

  private static final Pattern TEXT = Pattern.compile("(?:[^\\s/?#*%{}]|%2F|%25)*");
  private static final Pattern PARAMETER = Pattern.compile("\\{([A-Za-z][A-Za-z0-9_-]*)}");
  private static final String REST = "/*";

  /**
   * Reads a pattern as it is configured.
   *
   * @throws IllegalArgumentException if it cannot be meant; the message says what is allowed
   */
  public static RoutePattern parse(String text) {
    int space = text.indexOf(' ');
    String method = space < 0 ? "" : text.substring(0, space);
    String rest = text.substring(space + 1);
    if (space >= 0 && !METHODS.contains(method)) {
      throw new IllegalArgumentException(
          "before the space one of the methods " + String.join(", ", METHODS));
    }
    int slash = rest.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException(
          "a path such as \"/hello\", or \"/files/*\" for all below; before it perhaps a method"
              + " and a host, as in \"GET api.example.com/hello\"");
    }
    String host = rest.substring(0, slash).toLowerCase(Locale.ROOT);
    if (!host.isEmpty() && !HOST.matcher(host).matches()) {
      throw new IllegalArgumentException(
          "before the path a host without a port, as \"api.example.com/*\", or"
              + " \"*.example.com/*\" for all names below");
    }
    String path = rest.substring(slash);
    checkPath(path);
    return new RoutePattern(method, host, path);
  }

  private static void checkPath(String path) {
    boolean prefix = path.endsWith(REST);
    String fixed = prefix ? path.substring(0, path.length() - REST.length()) : path;
    Set<String> names = new HashSet<>();
    for (String part : fixed.split("/", -1)) {
      var parameter = PARAMETER.matcher(part);
      if (parameter.matches()) {
        if (!names.add(parameter.group(1))) {
          throw new IllegalArgumentException("each name of a parameter once: " + part);
        }
      } else if (part.contains("{") || part.contains("}")) {
        throw new IllegalArgumentException(
            "a parameter between two slashes with a name of letters, digits, _ and -, as"
                + " \"/api/{id}\"");
      } else if (part.contains("*")) {
        throw new IllegalArgumentException(
            "a * only at the end of a path and behind a slash, as \"/files/*\"");
      } else if (part.equals(".") || part.equals("..")) {
        throw new IllegalArgumentException(
            "a path without . and .. between slashes, for clients leave these out");
      } else if (!TEXT.matcher(part).matches()) {
        throw new IllegalArgumentException(
            "a path without spaces, ?, # and %, but for %2F and %25: it is compared with the"
                + " decoded path of a request");
      }
    }
  }

  /** Returns a pattern for the same requests whose parameters have no names. */
  RoutePattern normalized() {
    return new RoutePattern(method, host, PARAMETER.matcher(path).replaceAll("{}"));
  }
}
