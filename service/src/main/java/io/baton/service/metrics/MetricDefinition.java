package io.baton.service.metrics;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The definition of a metric, checked: type, name, help text and names of labels. Services do not
 * need it; it holds what {@link Metrics} allows in one place.
 *
 * @param name with the module's name, without {@code _total}
 * @param labels names of the labels
 */
public record MetricDefinition(MetricType type, String name, String help, List<String> labels) {

  /** Most metrics of a module. */
  public static final int MAX_METRICS = 100;

  /** Most series of a module's metric, in each worker. */
  public static final int MAX_SERIES = 250;

  /** Most labels of a metric. */
  public static final int MAX_LABELS = 6;

  /** Longest name of a metric, with the module's name, and of a label, in characters. */
  public static final int MAX_NAME = 100;

  /** Longest help text, in bytes of UTF-8. */
  public static final int MAX_HELP_BYTES = 200;

  /** Longest value of a label, in bytes of UTF-8; the rest is cut off. */
  public static final int MAX_LABEL_BYTES = 100;

  private static final int MAX_BYTES_PER_CHAR = 3;

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

  /** Endings that Prometheus gives a meaning of its own. */
  private static final List<String> RESERVED_ENDINGS =
      List.of("_total", "_count", "_sum", "_bucket", "_created", "_info");

  private static final Set<String> RESERVED_LABELS = Set.of("le", "quantile");

  /**
   * @throws IllegalArgumentException if any of it is not allowed
   */
  public MetricDefinition {
    labels = List.copyOf(labels);
    check("metric name", name);
    for (String ending : RESERVED_ENDINGS) {
      require(
          !name.endsWith(ending),
          "metric name " + name + ": the ending " + ending + " is Prometheus' own");
    }
    require(
        !type.isInSeconds() || name.endsWith("_seconds"),
        "metric name " + name + ": what measures times ends with _seconds");
    require(!help.isBlank(), "metric " + name + " has no help text");
    int bytes = help.getBytes(StandardCharsets.UTF_8).length;
    require(
        bytes <= MAX_HELP_BYTES,
        "metric %s: a help text of %d bytes, at most %d are allowed"
            .formatted(name, bytes, MAX_HELP_BYTES));
    require(
        labels.size() <= MAX_LABELS,
        "metric %s: %d labels, at most %d are allowed".formatted(name, labels.size(), MAX_LABELS));
    require(
        new HashSet<>(labels).size() == labels.size(),
        "metric " + name + ": two labels have the same name in " + labels);
    for (String label : labels) {
      check("metric " + name + ": label name", label);
      require(
          !RESERVED_LABELS.contains(label),
          "metric " + name + ": the label name " + label + " is Prometheus' own");
    }
  }

  private static void check(String what, String name) {
    require(
        name.length() <= MAX_NAME && NAME.matcher(name).matches(),
        "%s '%s': at most %d lower-case letters, digits and underscores are allowed, a letter first"
            .formatted(what, name, MAX_NAME));
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException(what);
    }
  }

  /**
   * Returns the values of a series, cut to their longest.
   *
   * @throws IllegalArgumentException if they are more or fewer than the labels
   */
  public List<String> series(String... values) {
    require(
        values.length == labels.size(),
        "metric %s has %d labels %s, not %d".formatted(name, labels.size(), labels, values.length));
    return Arrays.stream(values).map(MetricDefinition::cut).toList();
  }

  /** As it travels: at most so many bytes of UTF-8, and never a part of a character. */
  private static String cut(String value) {
    if (value.length() * MAX_BYTES_PER_CHAR <= MAX_LABEL_BYTES
        && value.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
      return value;
    }
    ByteBuffer bytes = ByteBuffer.allocate(MAX_LABEL_BYTES);
    StandardCharsets.UTF_8
        .newEncoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .encode(CharBuffer.wrap(value), bytes, true);
    return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
  }

  /**
   * Checks that a metric that is asked for again is the same.
   *
   * @throws IllegalArgumentException if it is another one
   */
  public void requireSame(MetricDefinition other) {
    require(
        equals(other),
        "the metric name %s is taken: it is a %s %s with labels %s, not a %s %s with labels %s"
            .formatted(
                name,
                other.type.word(),
                quoted(other.help),
                other.labels,
                type.word(),
                quoted(help),
                labels));
  }

  private static String quoted(String help) {
    return "'" + help + "'";
  }

  /** Returns what is said of a metric with labels that is used without their values. */
  public String unlabelled() {
    return "metric %s has the labels %s: use with(...)".formatted(name, labels);
  }

  /** Returns a number of events, if it is one. */
  public static long notNegative(long events) {
    require(events >= 0, "a counter cannot count " + events + " events");
    return events;
  }

  /** Returns an amount, if it is finite. */
  public static double finite(double amount) {
    require(Double.isFinite(amount), "a gauge cannot have the amount " + amount);
    return amount;
  }

  /**
   * Returns the text with which the names of all metrics of a module begin: its name and an
   * underscore. What no name can have is an underscore, too; a module whose name begins with no
   * letter, or with {@code baton}, gets {@code module_} before it.
   */
  public static String prefix(String module) {
    String prefix = module.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
    boolean fits = NAME.matcher(prefix).matches() && !prefix.startsWith("baton");
    return (fits ? "" : "module_") + prefix + "_";
  }
}
