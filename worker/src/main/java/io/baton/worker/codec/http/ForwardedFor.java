package io.baton.worker.codec.http;

import io.baton.config.Settings;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that a request came through, as its proxies have written them: each proxy adds the
 * one that it got the request from. What is written is worth as much as the word of the proxy that
 * wrote it, so it is read from the end.
 */
final class ForwardedFor {
  /** More proxies than that are nobody's. */
  private static final int MAX = 64;

  private ForwardedFor() {}

  /**
   * Returns the addresses, the last one first, up to the first element that names none: {@code
   * unknown}, a hidden name, or nonsense.
   */
  static List<InetAddress> fromTheEnd(Settings.ForwardedHeader header, HttpHeaders headers) {
    List<InetAddress> addresses = new ArrayList<>();
    for (String value : headers.getAll(field(header)).reversed()) {
      for (String element : split(value, ',').reversed()) {
        InetAddress address = address(header, element);
        if (address == null || addresses.size() == MAX) {
          return addresses;
        }
        addresses.add(address);
      }
    }
    return addresses;
  }

  private static String field(Settings.ForwardedHeader header) {
    return switch (header) {
      case X_FORWARDED_FOR -> "x-forwarded-for";
      case FORWARDED -> "forwarded";
    };
  }

  /** The address in one element; null if it names none. */
  private static @Nullable InetAddress address(Settings.ForwardedHeader header, String element) {
    return switch (header) {
      case X_FORWARDED_FOR -> node(element.strip());
      case FORWARDED -> node(parameter(element));
    };
  }

  /** Of an element of RFC 7239 its {@code for}; empty if it has none. */
  private static String parameter(String element) {
    for (String pair : split(element, ';')) {
      int equals = pair.indexOf('=');
      if (equals > 0 && pair.substring(0, equals).strip().equalsIgnoreCase("for")) {
        return unquoted(pair.substring(equals + 1).strip());
      }
    }
    return "";
  }

  /** An address with or without a port; one of IPv6 with a port is in brackets. */
  private static @Nullable InetAddress node(String text) {
    String address = text;
    int close = text.indexOf(']');
    if (text.startsWith("[") && close > 0) {
      address = isPort(text.substring(close + 1)) ? text.substring(1, close) : "";
      if (address.indexOf(':') < 0) {
        return null;
      }
    } else if (text.indexOf(':') >= 0 && text.indexOf(':') == text.lastIndexOf(':')) {
      int colon = text.indexOf(':');
      address = isPort(text.substring(colon)) ? text.substring(0, colon) : "";
    }
    try {
      return address.indexOf('%') < 0 && isWhole(address) ? InetAddress.ofLiteral(address) : null;
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  /** Java also takes fewer numbers for an IPv4 address. */
  private static boolean isWhole(String address) {
    return address.indexOf(':') >= 0 || address.chars().filter(c -> c == '.').count() == 3;
  }

  private static boolean isPort(String text) {
    return text.isEmpty()
        || (text.startsWith(":")
            && text.length() > 1
            && text.chars().skip(1).allMatch(c -> c >= '0' && c <= '9'));
  }

  private static String unquoted(String text) {
    boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
    return quoted ? text.substring(1, text.length() - 1) : text;
  }

  /** At the separator outside of quotes. Empty elements are left out (RFC 9110, 5.6.1). */
  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int from = 0;
    for (int at = 0; at <= text.length(); at++) {
      if (at == text.length() || (!quoted && text.charAt(at) == separator)) {
        String part = text.substring(from, at);
        if (!part.isBlank()) {
          parts.add(part);
        }
        from = at + 1;
      } else if (text.charAt(at) == '"') {
        quoted = !quoted;
      } else if (quoted && text.charAt(at) == '\\') {
        at++;
      }
    }
    return parts;
  }
}
