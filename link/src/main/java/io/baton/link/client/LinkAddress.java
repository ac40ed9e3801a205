package io.baton.link.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.service.Endpoint;
import java.net.URLDecoder;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The address of a service: where its server listens, whether the connection is encrypted, and the
 * name of the service there.
 *
 * @param service empty if the address names a server only
 */
record LinkAddress(Endpoint endpoint, boolean tls, String service) {
  /** The forms that {@link #parse} takes, for messages. */
  static final String FORMS =
      "tcp://HOST:PORT/SERVICE, tls://HOST:PORT/SERVICE, unix:///PATH?service=SERVICE,"
          + " vsock://CID:PORT/SERVICE or vsock+unix:///PATH?port=PORT&service=SERVICE";

  static final int MAX_SERVICE_BYTES = 255;

  private static final String TLS = "tls://";

  private static final Pattern BETWEEN = Pattern.compile(",\\s*(?=[a-z+]+://)");

  /**
   * Reads the address of a service.
   *
   * @throws IllegalArgumentException if it is not one; says what was expected
   */
  static LinkAddress parse(String where) {
    LinkAddress address = parts(where);
    if (address.service.isEmpty()) {
      throw complaint(where, "it has no name of a service");
    }
    return address;
  }

  /**
   * Reads the addresses of a service on several machines, separated by commas. A comma that no
   * other address follows is part of its own, as of a path.
   *
   * @throws IllegalArgumentException if one is not one, or they are not of the same service; says
   *     what was expected
   */
  static List<LinkAddress> parseAll(String where) {
    List<LinkAddress> all = BETWEEN.splitAsStream(where).map(each -> parse(each.strip())).toList();
    String service = all.get(0).service;
    if (all.stream().anyMatch(each -> !each.service.equals(service))) {
      throw complaint(where, "its addresses are of different services");
    }
    return all;
  }

  /**
   * Reads the address of a server, with or without a service.
   *
   * @throws IllegalArgumentException if it is not one; says what was expected
   */
  static LinkAddress parseServer(String where) {
    return parts(where);
  }

  private static LinkAddress parts(String where) {
    int path = where.indexOf("://") + 3;
    if (path < 3) {
      throw complaint(where, "it has no scheme");
    }
    return switch (where.substring(0, path)) {
      case "tcp://", "vsock://" -> withPath(where, where, path, false);
      case TLS -> withPath(where, "tcp://" + where.substring(path), path, true);
      case "unix://", "vsock+unix://" -> withQuery(where);
      default -> throw complaint(where, "its scheme is unknown");
    };
  }

  private static LinkAddress withPath(String where, String plain, int authority, boolean tls) {
    int slash = plain.indexOf('/', authority);
    String service = slash < 0 ? "" : plain.substring(slash + 1);
    return of(where, slash < 0 ? plain : plain.substring(0, slash), tls, service);
  }

  /** Takes the parameter named service out of the query; what remains is an endpoint. */
  private static LinkAddress withQuery(String where) {
    int question = where.lastIndexOf('?');
    if (question < 0) {
      return of(where, where, false, "");
    }
    String service = "";
    StringBuilder rest = new StringBuilder(where.substring(0, question));
    char separator = '?';
    for (String parameter : where.substring(question + 1).split("&", -1)) {
      if (parameter.startsWith("service=") && service.isEmpty()) {
        service = parameter.substring("service=".length());
      } else {
        rest.append(separator).append(parameter);
        separator = '&';
      }
    }
    return of(where, rest.toString(), false, service);
  }

  private static LinkAddress of(String where, String endpoint, boolean tls, String encoded) {
    String service = decoded(where, encoded);
    if (service.getBytes(UTF_8).length > MAX_SERVICE_BYTES) {
      throw complaint(where, "the name of its service has more than 255 bytes");
    }
    if (service.chars().anyMatch(Character::isISOControl)) {
      throw complaint(where, "the name of its service has a control character");
    }
    Endpoint parsed;
    try {
      parsed = Endpoint.parse(endpoint);
    } catch (IllegalArgumentException e) {
      throw complaint(where, "it needs " + e.getMessage());
    }
    if (parsed instanceof Endpoint.Vsock vsock && vsock.cid() == Endpoint.Vsock.ANY) {
      throw complaint(where, "a client connects to one machine, not to any");
    }
    return new LinkAddress(parsed, tls, service);
  }

  /** Decodes %XX; refuses what has to be encoded and is not. */
  private static String decoded(String where, String service) {
    if (service.chars().anyMatch(c -> c == ' ' || "?&#".indexOf(c) >= 0)) {
      throw complaint(where, "a space and ? & # % are written as %20 %3F %26 %23 %25");
    }
    try {
      return URLDecoder.decode(service.replace("+", "%2B"), UTF_8);
    } catch (IllegalArgumentException e) {
      throw complaint(where, "a % is followed by two hexadecimal digits");
    }
  }

  private static IllegalArgumentException complaint(String where, String what) {
    return new IllegalArgumentException(
        "\"%s\" is not the address of a service: %s. Allowed are %s".formatted(where, what, FORMS));
  }

  @Override
  public String toString() {
    String name = service.isEmpty() ? "" : "service " + service + " at ";
    String where = endpoint.toString();
    return name + (tls ? TLS + where.substring("tcp://".length()) : where);
  }
}
