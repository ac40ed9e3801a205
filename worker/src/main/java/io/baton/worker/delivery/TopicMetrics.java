package io.baton.worker.delivery;

import io.baton.pipe.OwnMetrics;
import io.baton.worker.metrics.MetricsRegistry;
import io.baton.worker.metrics.SeriesState;
import io.baton.worker.topics.TopicCounters;
import io.baton.worker.topics.TopicRouter;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** What a worker's metrics say of its topics. */
final class TopicMetrics {
  private TopicMetrics() {}

  /** Adds what has happened in a worker to its metrics. */
  static void register(int slot, TopicRouter router, Relays relays, MetricsRegistry to) {
    String its = Integer.toString(slot);
    List<String> labels = List.of(its);
    TopicCounters counters = router.counters();
    to.add(OwnMetrics.TOPICS, labels, () -> SeriesState.gauge(router::topics));
    to.add(OwnMetrics.TOPIC_SUBSCRIPTIONS, labels, () -> SeriesState.gauge(router::subscriptions));
    to.add(OwnMetrics.TOPICS_PUBLISHED, labels, () -> SeriesState.counter(counters::published));
    to.add(OwnMetrics.TOPICS_DELIVERED, labels, () -> SeriesState.counter(counters::delivered));
    to.add(OwnMetrics.TOPICS_RELAYED, labels, () -> SeriesState.counter(relays::sent));
    to.add(OwnMetrics.TOPICS_FORWARDED, labels, () -> SeriesState.counter(counters::forwarded));
    Map<String, LongSupplier> missed =
        Map.of(
            "link", counters::missedByLink,
            "broker", counters::missedByBroker,
            "session", () -> counters.missedBySession() + relays.refused(),
            "move", counters::missedByMove,
            "memory", counters::refused);
    missed.forEach((cause, count) ->
        to.add(OwnMetrics.TOPICS_MISSED, List.of(its, cause), () -> SeriesState.counter(count)));
  }
}
