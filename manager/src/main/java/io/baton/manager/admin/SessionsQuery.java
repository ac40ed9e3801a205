package io.baton.manager.admin;

import io.baton.config.PeerRange;
import io.baton.log.OneLine;
import io.baton.pipe.SessionDescription.State;
import io.baton.pipe.SessionFilter;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An operator's question which sessions there are.
 *
 * @param filter those that are meant, of any age
 * @param olderMs they are at least so old
 * @param limit most that are listed, the oldest
 */
public record SessionsQuery(SessionFilter filter, long olderMs, int limit) {
  public static final int DEFAULT_LIMIT = 100;
  public static final int MAX_LIMIT = 10_000;

  /** Returns the words of the command that asks for it, as {@link #parse} reads them. */
  public String words() {
    return "limit=%d older=%d listener=%s peer=%s principal=%s state=%s"
        .formatted(
            limit,
            olderMs,
            word(filter.listener()),
            word(filter.peers()),
            word(filter.principal()),
            filter.state() == null ? "" : name(filter.state()));
  }

  private static String word(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /**
   * Reads what {@link #words} has written.
   *
   * @throws IllegalArgumentException with a line for the operator
   */
  public static SessionsQuery parse(String words) {
    String listener = "";
    String peers = "";
    String principal = "";
    State state = null;
    long olderMs = 0;
    int limit = DEFAULT_LIMIT;
    for (String word : words.isBlank() ? new String[0] : words.strip().split(" +")) {
      int is = word.indexOf('=');
      String value = URLDecoder.decode(word.substring(is + 1), StandardCharsets.UTF_8);
      switch (is < 0 ? word : word.substring(0, is)) {
        case "listener" -> listener = value;
        case "peer" -> peers = peers(value);
        case "principal" -> principal = value;
        case "state" -> state = state(value);
        case "older" -> olderMs = number("older", value, Long.MAX_VALUE);
        case "limit" -> limit = (int) number("limit", value, MAX_LIMIT);
        default ->
            throw new IllegalArgumentException(
                "found \"%s\", allowed limit, older, listener, peer, principal and state"
                    .formatted(OneLine.escaped(word)));
      }
    }
    return new SessionsQuery(
        new SessionFilter(listener, peers, principal, state, Long.MAX_VALUE), olderMs, limit);
  }

  private static long number(String what, String text, long most) {
    try {
      long n = Long.parseLong(text);
      if (n >= 0 && n <= most) {
        return n;
      }
    } catch (NumberFormatException _) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "%s: found \"%s\", allowed a number from 0 to %,d"
            .formatted(what, OneLine.escaped(text), most));
  }

  /** Returns the text if it names peers. */
  public static String peers(String text) {
    if (!text.isEmpty()) {
      try {
        var _ = PeerRange.parse(text);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "peer: found \"%s\", allowed %s".formatted(OneLine.escaped(text), PeerRange.ALLOWED),
            e);
      }
    }
    return text;
  }

  /** Returns the state with this name; null for none. */
  public static @Nullable State state(String text) {
    if (text.isEmpty()) {
      return null;
    }
    for (State each : State.values()) {
      if (name(each).equals(text)) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "state: found \"%s\", allowed %s"
            .formatted(
                OneLine.escaped(text),
                Arrays.stream(State.values())
                    .map(SessionsQuery::name)
                    .collect(Collectors.joining(", "))));
  }

  static String name(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
