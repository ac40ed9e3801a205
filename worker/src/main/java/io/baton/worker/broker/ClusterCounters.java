package io.baton.worker.broker;

import io.baton.pipe.OwnMetrics;
import io.baton.worker.metrics.MetricsRegistry;
import io.baton.worker.metrics.SeriesState;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How many messages a worker has exchanged with other machines, and dropped. Event loop only. */
final class ClusterCounters {
  long published;
  long received;
  private final Map<DropReason, long[]> dropped = new EnumMap<>(DropReason.class);

  ClusterCounters() {
    for (DropReason each : DropReason.values()) {
      dropped.put(each, new long[1]);
    }
  }

  void drop(DropReason reason, long count) {
    dropped.getOrDefault(reason, new long[1])[0] += count;
  }

  /** Returns how many were dropped for any reason. */
  long dropped() {
    return dropped.values().stream().mapToLong(each -> each[0]).sum();
  }

  void register(String slot, MetricsRegistry to) {
    List<String> labels = List.of(slot);
    to.add(OwnMetrics.BROKER_PUBLISHED, labels, () -> SeriesState.counter(() -> published));
    to.add(OwnMetrics.BROKER_RECEIVED, labels, () -> SeriesState.counter(() -> received));
    dropped.forEach((reason, count) ->
        to.add(
            OwnMetrics.BROKER_DROPPED,
            List.of(slot, reason.name().toLowerCase(Locale.ROOT)),
            () -> SeriesState.counter(() -> count[0])));
  }
}
