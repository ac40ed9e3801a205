package io.baton.link.service;

import io.baton.link.clock.SampledClock;
import io.baton.link.core.ChannelFacts;
import io.baton.link.core.LinkCore;
import io.baton.link.stream.SessionStreams;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The facts about a session of a service that an operator is shown, in words, by name. */
final class SessionDetails {
  private static final double PPM = 1e6;

  private SessionDetails() {}

  /**
   * Looks at a session.
   *
   * @param clock null if no samples are taken
   */
  static Map<String, String> of(
      LinkCore core, SessionStreams streams, @Nullable SampledClock clock) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put(
        "asks",
        String.format(
            Locale.ROOT, "%,d of the client, %,d of the service", core.openAsks(), core.ownAsks()));
    all.put("resumes", String.format(Locale.ROOT, "%,d attempts of the client", core.attempt()));
    if (clock != null) {
      all.put("clock", of(clock));
    }
    for (ChannelFacts each : core.channels()) {
      if (each.messages()) {
        all.put("channel " + each.channel(), channel(each));
      } else {
        all.put("stream " + each.channel(), stream(each, streams));
      }
    }
    return all;
  }

  private static String of(SampledClock clock) {
    OptionalLong offset = clock.offset();
    OptionalLong bound = clock.bound();
    return offset.isEmpty() || bound.isEmpty()
        ? "no answer yet"
        : String.format(
            Locale.ROOT,
            "offset %,d ns, wrong by at most %,d ns, drift %.1f ppm",
            offset.getAsLong(),
            bound.getAsLong(),
            clock.drift() * PPM);
  }

  private static String channel(ChannelFacts of) {
    return String.format(Locale.ROOT, "%s, %,d bytes, %s", direction(of), of.bytes(), of.name());
  }

  private static String stream(ChannelFacts of, SessionStreams streams) {
    long length = streams.length(of.channel());
    String bytes =
        length < 0
            ? String.format(Locale.ROOT, "%,d", of.bytes())
            : String.format(Locale.ROOT, "%,d of %,d", of.bytes(), length);
    return String.format(
        Locale.ROOT, "%s, %s bytes, %s", direction(of), bytes, streams.name(of.channel()));
  }

  /** What may be long comes last: it is what is cut off. */
  private static String direction(ChannelFacts of) {
    return of.incoming() ? "incoming" : "outgoing";
  }
}
