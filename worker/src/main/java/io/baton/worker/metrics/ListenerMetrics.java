package io.baton.worker.metrics;

import io.baton.pipe.OwnMetrics;
import io.baton.service.CloseReason;
import io.baton.service.metrics.MetricDefinition;
import io.baton.worker.channel.Meter;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What goes on at one listener, in plain fields. Event loop only. */
public final class ListenerMetrics {
  /** Those are no ends: the conversation goes on. */
  private static final Set<CloseReason> ENDS =
      EnumSet.complementOf(EnumSet.of(CloseReason.UPGRADED, CloseReason.MOVED));

  private static final class Count {
    private long count;
  }

  /** Times of messages by protocol; HTTP is not among them. */
  private final Map<String, LoopHistogram> seconds = new LinkedHashMap<>();

  private final @Nullable HttpMetrics http;
  private final Map<CloseReason, Count> ends = new EnumMap<>(CloseReason.class);
  private long messagesIn;
  private long messagesOut;
  private long bytesIn;
  private long bytesOut;

  /**
   * @param protocols names of those that clients may speak, but HTTP
   * @param http null if clients do not speak it
   */
  public ListenerMetrics(List<String> protocols, @Nullable HttpMetrics http) {
    protocols.forEach(protocol -> seconds.put(protocol, new LoopHistogram()));
    this.http = http;
    ENDS.forEach(why -> ends.put(why, new Count()));
  }

  public void messageIn() {
    messagesIn++;
  }

  public void messageOut() {
    messagesOut++;
  }

  /**
   * A message was processed.
   *
   * @param protocol of its session
   * @param nanos since its arrival
   */
  public void processed(String protocol, long nanos) {
    LoopHistogram its = seconds.get(protocol);
    if (its != null) {
      its.record(nanos);
    }
  }

  /** A session has ended. */
  public void ended(CloseReason why) {
    Count its = ends.get(why);
    if (its != null) {
      its.count++;
    }
  }

  /** Returns a meter that counts here, too. */
  public Meter meter(Meter all) {
    return new Both(all, this);
  }

  private record Both(Meter all, ListenerMetrics its) implements Meter {
    @Override
    public void bytesIn(int bytes) {
      its.bytesIn += bytes;
      all.bytesIn(bytes);
    }

    @Override
    public void bytesOut(int bytes) {
      its.bytesOut += bytes;
      all.bytesOut(bytes);
    }

    @Override
    public void unsent(long change) {
      all.unsent(change);
    }
  }

  /** Adds all of it to what is reported. */
  public void register(String listener, MetricsRegistry registry) {
    counter(OwnMetrics.MESSAGES_IN, listener, () -> messagesIn, registry);
    counter(OwnMetrics.MESSAGES_OUT, listener, () -> messagesOut, registry);
    counter(OwnMetrics.BYTES_IN, listener, () -> bytesIn, registry);
    counter(OwnMetrics.BYTES_OUT, listener, () -> bytesOut, registry);
    ends.forEach((why, its) ->
        registry.add(
            OwnMetrics.ENDS,
            List.of(listener, why.name().toLowerCase(Locale.ROOT)),
            () -> SeriesState.counter(() -> its.count)));
    seconds.forEach((protocol, its) ->
        registry.add(
            OwnMetrics.REQUESTS, List.of(listener, protocol), () -> SeriesState.histogram(its)));
    if (http != null) {
      http.register(listener, seconds.keySet(), registry);
    }
  }

  private static void counter(
      MetricDefinition metric, String listener, LongSupplier sum, MetricsRegistry registry) {
    registry.add(metric, List.of(listener), () -> SeriesState.counter(sum));
  }
}
