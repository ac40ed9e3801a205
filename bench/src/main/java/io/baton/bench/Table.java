package io.baton.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** A table as text: the first column to the left, the others to the right. */
final class Table {
  private static final double NANOS_PER_MILLI = 1e6;

  private final List<List<String>> rows = new ArrayList<>();

  Table(String... heads) {
    rows.add(List.of(heads));
  }

  /** Adds a row with as many cells as there are heads. */
  Table row(String... cells) {
    if (cells.length != rows.getFirst().size()) {
      throw new IllegalArgumentException(List.of(cells) + " do not fit " + rows.getFirst());
    }
    rows.add(List.of(cells));
    return this;
  }

  /** Adds a row with the count, the median, the 99th percentile and the maximum, in ms. */
  Table row(String name, Histogram nanos) {
    return row(
        name,
        "%,d".formatted(nanos.getTotalCount()),
        millis(nanos.getValueAtPercentile(50)),
        millis(nanos.getValueAtPercentile(99)),
        millis(nanos.getMaxValue()));
  }

  /** A whole number, for a cell. */
  static String number(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  /** One with a digit behind the point, for a cell. */
  static String tenths(double value) {
    return String.format(Locale.ROOT, "%,.1f", value);
  }

  /** One with three digits or more, for a label. */
  static String rounded(double value) {
    return value < 100 ? tenths(value) : number(value);
  }

  private static String millis(long nanos) {
    return "%,.2f".formatted(nanos / NANOS_PER_MILLI);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(i == 0 ? "" : "  ").append(padded(row.get(i), i));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  /** As Markdown; looks well as text, too. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    for (int row = 0; row < rows.size(); row++) {
      for (int i = 0; i < rows.get(row).size(); i++) {
        text.append("| ").append(padded(rows.get(row).get(i), i)).append(' ');
      }
      text.append("|\n");
      if (row == 0) {
        for (int i = 0; i < rows.get(0).size(); i++) {
          text.append("|").append("-".repeat(width(i) + 1)).append(i == 0 ? "-" : ":");
        }
        text.append("|\n");
      }
    }
    return text.toString();
  }

  private String padded(String cell, int column) {
    String space = " ".repeat(width(column) - cell.length());
    return column == 0 ? cell + space : space + cell;
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }
}
