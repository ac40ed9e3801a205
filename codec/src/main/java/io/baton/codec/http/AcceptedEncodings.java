package io.baton.codec.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The compressed forms that a client takes, by its Accept-Encoding (RFC 9110, 12.5.3).
 *
 * @param codings those with a weight of more than 0
 */
record AcceptedEncodings(Set<Coding> codings) {
  private static final String WEIGHT = "q=";

  /** A form that files may be there in, the preferred one first. */
  enum Coding {
    BROTLI("br", ".br"),
    GZIP("gzip", ".gz");

    /** Its name in HTTP. */
    final String token;

    /** What is behind a file's name. */
    final String suffix;

    Coding(String token, String suffix) {
      this.token = token;
      this.suffix = suffix;
    }
  }

  static AcceptedEncodings of(HttpHeaders headers) {
    Set<Coding> all = EnumSet.noneOf(Coding.class);
    for (String line : headers.getAll(HttpHeaderNames.ACCEPT_ENCODING)) {
      for (String each : line.toLowerCase(Locale.ROOT).split(",", -1)) {
        List<String> parts = List.of(each.split(";", -1));
        for (Coding coding : Coding.values()) {
          if (parts.getFirst().strip().equals(coding.token) && isWanted(parts)) {
            all.add(coding);
          }
        }
      }
    }
    return new AcceptedEncodings(all);
  }

  /** A weight of 0, which can be written in several ways, is a no. */
  private static boolean isWanted(List<String> parts) {
    return parts.stream()
        .map(String::strip)
        .filter(part -> part.startsWith(WEIGHT))
        .noneMatch(part -> part.substring(WEIGHT.length()).matches("0(\\.0*)?"));
  }

  boolean has(Coding coding) {
    return codings.contains(coding);
  }
}
