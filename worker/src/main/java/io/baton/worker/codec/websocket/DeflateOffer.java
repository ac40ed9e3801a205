package io.baton.worker.codec.websocket;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The negotiation of permessage-deflate (RFC 7692, 7.1). Agreed to with both {@code
 * no_context_takeover} only, which every client has to understand: then nothing is kept between
 * messages and a session can move. The JDK's packer always uses a window of 15 bits, so an offer
 * that asks the server for less is declined.
 */
final class DeflateOffer {
  private static final String AGREED =
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  private static final String MAX_BITS = "15";

  private DeflateOffer() {}

  /**
   * The answer to one element of {@code Sec-WebSocket-Extensions}, if that is an offer which can be
   * agreed to.
   */
  static Optional<String> answer(String offer) {
    String[] parts = offer.split(";", -1);
    if (!parts[0].trim().equals("permessage-deflate")) {
      return Optional.empty();
    }
    Set<String> seen = new HashSet<>();
    String answer = AGREED;
    for (int i = 1; i < parts.length; i++) {
      String[] pair = parts[i].split("=", 2);
      String name = pair[0].trim();
      String value = pair.length == 1 ? "" : pair[1].trim().replaceAll("^\"(.*)\"$", "$1");
      boolean acceptable =
          seen.add(name)
              && switch (name) {
                case "server_no_context_takeover", "client_no_context_takeover" -> pair.length == 1;
                case "client_max_window_bits" -> pair.length == 1 || isBits(value);
                case "server_max_window_bits" -> value.equals(MAX_BITS);
                default -> false;
              };
      if (!acceptable) {
        return Optional.empty();
      }
      if (name.equals("server_max_window_bits")) {
        answer += "; server_max_window_bits=" + MAX_BITS;
      }
    }
    return Optional.of(answer);
  }

  private static boolean isBits(String value) {
    return value.matches("[89]|1[0-5]");
  }
}
