package io.baton.service.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

final class MetricDefinitionTest {
  private static void assertRefused(String why, MetricType type, String name, String... labels) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MetricDefinition(type, name, "Help", List.of(labels)))
        .withMessage(why);
  }

  @Test
  void aNameThatPrometheusWouldNotTakeIsRefused() {
    for (String name : List.of("", "9", "_a", "Rooms", "a-b", "é", "n".repeat(101))) {
      assertRefused(
          "metric name '%s': at most 100 lower-case letters, digits and underscores are allowed, a letter first"
              .formatted(name),
          MetricType.COUNTER,
          name);
    }
    assertThat(new MetricDefinition(MetricType.GAUGE, "n".repeat(100), "Help", List.of()).labels())
        .isEmpty();
  }

  @Test
  void anEndingThatPrometheusAddsIsRefused() {
    for (String ending : List.of("_total", "_count", "_sum", "_bucket", "_created", "_info")) {
      assertRefused(
          "metric name a" + ending + ": the ending " + ending + " is Prometheus' own",
          MetricType.COUNTER,
          "a" + ending);
    }
  }

  @Test
  void aHistogramWithoutItsUnitIsRefused() {
    assertRefused(
        "metric name query: what measures times ends with _seconds", MetricType.HISTOGRAM, "query");
  }

  @Test
  void labelsThatCannotBeAreRefused() {
    assertRefused(
        "metric a: 7 labels, at most 6 are allowed",
        MetricType.GAUGE,
        "a",
        "b",
        "c",
        "d",
        "e",
        "f",
        "g",
        "h");
    assertRefused(
        "metric a: two labels have the same name in [b, b]", MetricType.GAUGE, "a", "b", "b");
    assertRefused("metric a: the label name le is Prometheus' own", MetricType.GAUGE, "a", "le");
  }

  @Test
  void helpTextIsNeededAndShort() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MetricDefinition(MetricType.GAUGE, "a", " ", List.of()))
        .withMessage("metric a has no help text");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MetricDefinition(MetricType.GAUGE, "a", "é".repeat(101), List.of()))
        .withMessage("metric a: a help text of 202 bytes, at most 200 are allowed");
  }

  @Test
  void aValueOfALabelIsCutBetweenCharacters() {
    MetricDefinition metric = new MetricDefinition(MetricType.COUNTER, "a", "Help", List.of("b"));
    assertThat(metric.series("x" + "é".repeat(80))).containsExactly("x" + "é".repeat(49));
    assertThat(metric.series("half a \uD83D pair")).containsExactly("half a ? pair");
    assertThat(metric.series("")).containsExactly("");
    assertThatIllegalArgumentException()
        .isThrownBy(metric::series)
        .withMessage("metric a has 1 labels [b], not 0");
  }

  @Test
  void namesOfAModuleBeginWithItsOwn() {
    assertThat(MetricDefinition.prefix("chat")).isEqualTo("chat_");
    assertThat(MetricDefinition.prefix("My-chat.v2")).isEqualTo("my_chat_v2_");
    assertThat(MetricDefinition.prefix("2nd")).isEqualTo("module_2nd_");
    assertThat(MetricDefinition.prefix("baton-chat")).isEqualTo("module_baton_chat_");
  }
}
