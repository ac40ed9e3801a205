package io.baton.manager.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.baton.manager.metrics.MetricView;
import io.baton.manager.metrics.MetricView.SeriesView;
import io.baton.manager.text.Units;
import io.baton.pipe.Load;
import io.baton.pipe.OwnMetrics;
import io.baton.service.metrics.MetricDefinition;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The topics of all workers together, and what waits between the workers.
 *
 * @param topics that somebody wants, as the worker counts them that knows most
 * @param subscriptions of all sessions
 * @param published messages
 * @param delivered those that sessions got
 * @param missed those that sessions did not get, by the cause; causes of none are left out
 * @param links between two workers each
 * @param queueBytes memory of the messages that wait for a link
 */
record TopicTotals(
    long topics,
    long subscriptions,
    long published,
    long delivered,
    SortedMap<String, Long> missed,
    long links,
    long queueBytes) {

  static TopicTotals of(Status status) {
    return new TopicTotals(
        amounts(status, OwnMetrics.TOPICS).max().orElse(0),
        amounts(status, OwnMetrics.TOPIC_SUBSCRIPTIONS).sum(),
        count(status, OwnMetrics.TOPICS_PUBLISHED),
        count(status, OwnMetrics.TOPICS_DELIVERED),
        missed(status),
        mesh(status, Load.Mesh::links) / 2,
        mesh(status, Load.Mesh::waitingBytes));
  }

  private static Stream<SeriesView> series(Status status, MetricDefinition metric) {
    return status.metrics().stream()
        .filter(each -> each.definition().equals(metric))
        .map(MetricView::series)
        .flatMap(List::stream);
  }

  private static LongStream amounts(Status status, MetricDefinition gauge) {
    return series(status, gauge).mapToLong(each -> (long) each.amount());
  }

  private static long count(Status status, MetricDefinition counter) {
    return series(status, counter).mapToLong(SeriesView::count).sum();
  }

  private static SortedMap<String, Long> missed(Status status) {
    SortedMap<String, Long> byCause = new TreeMap<>();
    series(status, OwnMetrics.TOPICS_MISSED)
        .filter(each -> each.count() > 0)
        .forEach(each -> byCause.merge(each.labels().getLast(), each.count(), Long::sum));
    return byCause;
  }

  private static long mesh(Status status, ToLongFunction<Load.Mesh> number) {
    return status.fleet().workers().stream()
        .mapToLong(worker -> number.applyAsLong(worker.load().mesh()))
        .sum();
  }

  private long allMissed() {
    return missed.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Appends one line about topics, and one about links; nothing about what is not used. */
  void append(StringBuilder text) {
    if (topics + published + allMissed() > 0) {
      text.append(
          "%s, %s; %s published, %s delivered, %s missed%s%n"
              .formatted(
                  Units.count(topics, "topic"),
                  Units.count(subscriptions, "subscription"),
                  Units.count(published, "message"),
                  Units.count(delivered),
                  Units.count(allMissed()),
                  causes()));
    }
    if (links > 0) {
      text.append(
          "%s between workers, %s waiting%n"
              .formatted(Units.count(links, "link"), Units.bytes(queueBytes)));
    }
  }

  private String causes() {
    return missed.isEmpty()
        ? ""
        : missed.entrySet().stream()
            .map(each -> each.getKey() + " " + Units.count(each.getValue()))
            .collect(Collectors.joining(", ", " (", ")"));
  }

  /** Writes an object. */
  void write(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("topics");
    json.writeNumberField("topics", topics);
    json.writeNumberField("subscriptions", subscriptions);
    json.writeNumberField("published", published);
    json.writeNumberField("delivered", delivered);
    json.writeArrayFieldStart("missed");
    for (Map.Entry<String, Long> each : missed.entrySet()) {
      json.writeStartObject();
      json.writeStringField("cause", each.getKey());
      json.writeNumberField("count", each.getValue());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeNumberField("links", links);
    json.writeNumberField("queueBytes", queueBytes);
    json.writeEndObject();
  }
}
