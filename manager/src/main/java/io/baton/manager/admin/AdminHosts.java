package io.baton.manager.admin;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;

/**
 * The hosts under whose names the admin pages may be asked for. A page of the internet can have its
 * own name resolve to a loopback address (DNS rebinding), and would then read the status as its
 * own; but it cannot choose the name in {@code Host}. Addresses and {@code localhost} are nobody's
 * names.
 *
 * @param names besides these, in lower case
 */
record AdminHosts(List<String> names) {

  /**
   * Returns whether a request is answered.
   *
   * @param host the value of its {@code Host} field; empty if it has none, as that of a browser
   *     never is
   */
  boolean admit(String host) {
    if (host.isEmpty()) {
      return true;
    }
    String name = withoutPort(host.toLowerCase(Locale.ROOT));
    return name.equals("localhost") || names.contains(name) || isAddress(name);
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    boolean isPort = host.startsWith("[") ? host.indexOf(']') < colon : host.indexOf(':') == colon;
    return colon >= 0 && isPort ? host.substring(0, colon) : host;
  }

  private static boolean isAddress(String name) {
    boolean bracketed = name.startsWith("[") && name.endsWith("]");
    try {
      var _ = InetAddress.ofLiteral(bracketed ? name.substring(1, name.length() - 1) : name);
      return bracketed || name.indexOf(':') < 0;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
