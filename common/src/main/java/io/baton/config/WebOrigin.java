package io.baton.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a page comes from, as browsers write it in {@code Origin} (RFC 6454, 6.2): {@code
 * https://chat.example.com} or {@code http://localhost:8080}. In lower case, and without a port
 * that is its scheme's default.
 *
 * @param scheme such as {@code https}
 * @param host a name, or an address, in brackets if it is of IPv6
 * @param port the scheme's default if none was written; 0 if that is not known
 */
public record WebOrigin(String scheme, String host, int port) {
  /** In place of origins: those of all pages. */
  public static final String ANY = "*";

  /** What {@link #parse} takes, and {@link #ANY}. */
  public static final String ALLOWED =
      "an origin such as https://chat.example.com or http://localhost:8080, without a path, or *";

  private static final String HOST = "(\\[[0-9a-f:.]+]|[^\\s\\[\\]/?#@:,]+)";

  private static final Pattern FORM =
      Pattern.compile("([a-z][a-z0-9+.-]*)://" + HOST + "(?::(\\d{1,5}))?");

  private static final Pattern AUTHORITY = Pattern.compile(HOST + "(?::(\\d{0,5}))?");

  /**
   * Reads an origin.
   *
   * @throws IllegalArgumentException if it is none, as {@code null} is none
   */
  public static WebOrigin parse(String text) {
    Matcher parts = FORM.matcher(text.toLowerCase(Locale.ROOT));
    if (!parts.matches()) {
      throw new IllegalArgumentException("not an origin: " + text);
    }
    String port = parts.group(3);
    int number = port == null ? defaultPort(parts.group(1)) : Integer.parseInt(port);
    return new WebOrigin(parts.group(1), parts.group(2), number);
  }

  private static int defaultPort(String scheme) {
    return switch (scheme) {
      case "http", "ws" -> 80;
      case "https", "wss" -> 443;
      default -> 0;
    };
  }

  /**
   * Returns whether a page from here that speaks to this host speaks to the one it came from. The
   * scheme is not looked at, because the host behind a proxy does not know it.
   *
   * @param authority the value of a {@code Host} field: without a port, it is the default one of
   *     this origin's scheme
   */
  public boolean isOf(String authority) {
    Matcher parts = AUTHORITY.matcher(authority.toLowerCase(Locale.ROOT));
    if (!parts.matches() || !parts.group(1).equals(host)) {
      return false;
    }
    String written = parts.group(2);
    int theirs =
        written == null || written.isEmpty() ? defaultPort(scheme) : Integer.parseInt(written);
    return theirs == port;
  }

  @Override
  public String toString() {
    String where = scheme + "://" + host;
    return port == defaultPort(scheme) ? where : where + ":" + port;
  }
}
