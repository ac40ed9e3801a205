package io.baton.pipe;

import io.baton.service.metrics.MetricDefinition;
import io.baton.service.metrics.MetricType;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/** The metrics of Baton itself that workers report; all other names of theirs are modules'. */
public final class OwnMetrics {
  /** Begins the names of Baton's own metrics; no module's begin so. */
  public static final String PREFIX = "baton_";

  /** Those below, which are added as this class is initialized. */
  private static final Set<MetricDefinition> ALL = new HashSet<>();

  public static final MetricDefinition REQUESTS =
      listener(
          MetricType.HISTOGRAM,
          "baton_request_seconds",
          "Time from a message's arrival until it is processed; of HTTP, until its answer begins",
          "route");

  public static final MetricDefinition RESPONSES =
      listener(
          MetricType.COUNTER,
          "baton_http_responses",
          "HTTP responses by class of status",
          "route",
          "code");

  public static final MetricDefinition ENDS =
      listener(
          MetricType.COUNTER,
          "baton_sessions_ended",
          "Sessions that have ended, by the reason",
          "reason");

  public static final MetricDefinition MESSAGES_IN =
      listener(MetricType.COUNTER, "baton_listener_messages_in", "Messages received");

  public static final MetricDefinition MESSAGES_OUT =
      listener(MetricType.COUNTER, "baton_listener_messages_out", "Messages sent");

  public static final MetricDefinition BYTES_IN =
      listener(MetricType.COUNTER, "baton_listener_bytes_in", "Bytes received");

  public static final MetricDefinition BYTES_OUT =
      listener(MetricType.COUNTER, "baton_listener_bytes_out", "Bytes sent");

  public static final MetricDefinition CPU =
      slot(MetricType.TIME, "baton_worker_cpu_seconds", "Processor time of the slot's processes");

  public static final MetricDefinition GC_PAUSES =
      slot(
          MetricType.TIME,
          "baton_worker_gc_pause_seconds",
          "Time for which the garbage collector stopped the slot's processes");

  public static final MetricDefinition MOVED_IN =
      slot(MetricType.COUNTER, "baton_worker_moved_in", "Connections that came from other workers");

  public static final MetricDefinition MOVED_OUT =
      slot(MetricType.COUNTER, "baton_worker_moved_out", "Connections that went to other workers");

  public static final MetricDefinition THREADS =
      slot(MetricType.GAUGE, "baton_worker_threads", "Java threads of the slot's processes");

  public static final MetricDefinition MESH_LINKS =
      slot(MetricType.GAUGE, "baton_mesh_links", "Links to other workers");

  public static final MetricDefinition MESH_SENT =
      slot(MetricType.COUNTER, "baton_mesh_messages_sent", "Messages sent to other workers");

  public static final MetricDefinition MESH_RECEIVED =
      slot(
          MetricType.COUNTER,
          "baton_mesh_messages_received",
          "Messages received from other workers");

  public static final MetricDefinition MESH_DROPPED =
      slot(
          MetricType.COUNTER,
          "baton_mesh_messages_dropped",
          "Messages that were not sent to another worker because its link was full or gone");

  public static final MetricDefinition MESH_RESETS =
      slot(
          MetricType.COUNTER,
          "baton_mesh_resets",
          "Times that a link to another worker began anew because too much waited for it");

  public static final MetricDefinition MESH_QUEUE =
      slot(
          MetricType.GAUGE,
          "baton_mesh_queue_bytes",
          "Memory of the messages that wait for links to other workers");

  public static final MetricDefinition TOPICS =
      slot(MetricType.GAUGE, "baton_topics", "Topics that somebody has subscribed to");

  public static final MetricDefinition TOPIC_SUBSCRIPTIONS =
      slot(MetricType.GAUGE, "baton_topic_subscriptions", "Subscriptions of sessions to topics");

  public static final MetricDefinition TOPICS_PUBLISHED =
      slot(
          MetricType.COUNTER,
          "baton_topics_published",
          "Messages published to topics that somebody has subscribed to");

  public static final MetricDefinition TOPICS_DELIVERED =
      slot(MetricType.COUNTER, "baton_topics_delivered", "Publications that sessions got");

  public static final MetricDefinition TOPICS_RELAYED =
      slot(
          MetricType.COUNTER,
          "baton_topics_relayed",
          "Publications that sessions were sent without a callback of their service");

  public static final MetricDefinition TOPICS_FORWARDED =
      slot(
          MetricType.COUNTER,
          "baton_topics_forwarded",
          "Publications that were sent after a session that had moved");

  public static final MetricDefinition TOPICS_MISSED =
      slot(
          MetricType.COUNTER,
          "baton_topics_missed",
          "Publications that sessions did not get, by the cause",
          "cause");

  public static final MetricDefinition ASKS =
      slot(
          MetricType.COUNTER,
          "baton_asks",
          "Questions of a slot's modules to named services, by the outcome",
          "outcome");

  public static final MetricDefinition ASK_SECONDS =
      slot(
          MetricType.HISTOGRAM,
          "baton_ask_seconds",
          "Time from a question to a named service until its outcome");

  public static final MetricDefinition ASKS_UNDER_WAY =
      slot(
          MetricType.GAUGE,
          "baton_asks_under_way",
          "Questions to named services that have no outcome yet");

  public static final MetricDefinition QUESTIONS_ACCEPTED =
      slot(
          MetricType.GAUGE,
          "baton_answers_under_way",
          "Questions that named services of the slot are answering");

  public static final MetricDefinition BROKER_UP =
      slot(MetricType.GAUGE, "baton_broker_up", "Whether there is a connection to the broker");

  public static final MetricDefinition BROKER_MACHINES =
      slot(MetricType.GAUGE, "baton_broker_machines", "Other machines that are known");

  public static final MetricDefinition BROKER_PUBLISHED =
      slot(MetricType.COUNTER, "baton_broker_published", "Messages sent to other machines");

  public static final MetricDefinition BROKER_RECEIVED =
      slot(MetricType.COUNTER, "baton_broker_received", "Messages received from other machines");

  public static final MetricDefinition BROKER_DROPPED =
      slot(
          MetricType.COUNTER,
          "baton_broker_dropped",
          "Messages to and from other machines that were dropped, by the reason",
          "reason");

  public static final MetricDefinition SESSIONS_TAKEN =
      slot(
          MetricType.COUNTER,
          "baton_sessions_taken",
          "Sessions of other machines that go on in the slot");

  public static final MetricDefinition SESSIONS_GIVEN =
      slot(
          MetricType.COUNTER,
          "baton_sessions_given",
          "Sessions of the slot that go on at other machines");

  public static final MetricDefinition SESSIONS_LOST =
      slot(
          MetricType.COUNTER,
          "baton_sessions_lost_between_machines",
          "Sessions that came from another machine, of which it never became known whether that"
              + " had given them");

  public static final MetricDefinition SERIES_DROPPED =
      own(
          MetricType.COUNTER,
          "baton_metrics_series_dropped",
          "Times that a metric got no further series because it, or the server, has too many",
          Stream.of());

  private OwnMetrics() {}

  /** Returns whether a worker may have this metric: it is one of these, or a module's. */
  public static boolean allows(MetricDefinition metric) {
    return !metric.name().startsWith(PREFIX) || ALL.contains(metric);
  }

  private static MetricDefinition listener(
      MetricType type, String name, String help, String... more) {
    return own(type, name, help, Stream.concat(Stream.of("listener"), Stream.of(more)));
  }

  private static MetricDefinition slot(MetricType type, String name, String help, String... more) {
    return own(type, name, help, Stream.concat(Stream.of("slot"), Stream.of(more)));
  }

  private static MetricDefinition own(
      MetricType type, String name, String help, Stream<String> labels) {
    MetricDefinition metric = new MetricDefinition(type, name, help, labels.toList());
    ALL.add(metric);
    return metric;
  }
}
