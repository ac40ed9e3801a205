package io.baton.worker.codec.http;

import io.baton.codec.http.PathPattern;
import io.baton.config.CodecSettings;
import io.baton.worker.spool.Spool;
import io.baton.worker.spool.SpooledBody;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of requests' bodies, the same for all connections of a codec. Immutable.
 *
 * @param usual where a route has no rule
 * @param maxInMemory a whole body with more bytes goes to the spool
 * @param rules by the routes' patterns as they are configured
 */
record Bodies(Rule usual, int maxInMemory, Spool spool, Map<String, Rule> rules) {
  Bodies {
    rules = Map.copyOf(rules);
  }

  /**
   * What a route says of its requests.
   *
   * @param stream whether the service gets them piece by piece
   * @param maxContent bytes at most
   * @param parameters of the path; null: it has none
   */
  record Rule(boolean stream, long maxContent, @Nullable PathPattern parameters) {}

  static Bodies of(CodecSettings.Http bounds, Spool spool, Map<String, Rule> rules) {
    return new Bodies(
        new Rule(false, bounds.maxContent(), null),
        spool.isOff() ? Integer.MAX_VALUE : bounds.maxContentInMemory(),
        spool,
        rules);
  }

  /** How much memory a body takes at most while it arrives, in bytes. */
  long held(long length, boolean stream) {
    if (stream) {
      return Math.min(length, HttpCodec.MAX_PIECE);
    }
    return length <= maxInMemory ? length : Math.max(maxInMemory, SpooledBody.MOST_HELD);
  }

  /**
   * Returns the rule for a request.
   *
   * @param route the request's; null: it has none
   */
  Rule rule(@Nullable String route) {
    Rule own = route == null ? null : rules.get(route);
    return own == null ? usual : own;
  }
}
