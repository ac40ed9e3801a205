package io.baton.config;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** What hosts of endpoints are, as far as can be told without DNS. */
final class Hosts {
  private Hosts() {}

  /**
   * Returns whether one port of these hosts can be bound but once. What is missed here fails when
   * it is bound.
   */
  static boolean same(String a, String b) {
    InetAddress one = literal(a);
    InetAddress two = literal(b);
    if (one == null || two == null) {
      return a.equalsIgnoreCase(b);
    }
    boolean any = one.isAnyLocalAddress() || two.isAnyLocalAddress();
    return one.equals(two) || (any && one.getClass() == two.getClass());
  }

  /**
   * Returns whether only this machine can connect to the host. Of names, localhost alone is one.
   */
  static boolean isLoopback(String host) {
    InetAddress address = literal(host);
    return address != null && address.isLoopbackAddress();
  }

  private static @Nullable InetAddress literal(String host) {
    try {
      return InetAddress.ofLiteral(host.equalsIgnoreCase("localhost") ? "127.0.0.1" : host);
    } catch (IllegalArgumentException _) {
      return null; // a name: whose address is nobody's word here
    }
  }
}
