package io.baton.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Bars beside names, with whiskers from the least to the greatest value; drawn as SVG. What is
 * measured in several units has a column for each, with a scale of its own.
 */
final class BarChart {
  private static final int NAMES = 130;
  private static final int COLUMN = 320;
  private static final int VALUE = 80; // the number behind a bar, and the way to the next column
  private static final int ROW = 24;
  private static final int HEAD = 44;
  private static final int GAP = 16;

  private record Bar(String name, List<Spread> values) {}

  private final String title;
  private final List<String> units;
  private final List<Bar> bars = new ArrayList<>();

  BarChart(String title, String... units) {
    this.title = title;
    this.units = List.of(units);
  }

  /** Adds a row, with as many values as there are units. */
  void bar(String name, Spread... values) {
    bars.add(new Bar(name, List.of(values)));
  }

  private int height() {
    return HEAD + ROW * bars.size() + GAP;
  }

  private int width() {
    return NAMES + COLUMN * units.size();
  }

  /** All of them, one below the other. */
  static String svg(List<BarChart> charts) {
    Svg svg =
        new Svg(
            charts.stream().mapToInt(BarChart::width).max().orElse(0),
            charts.stream().mapToInt(BarChart::height).sum());
    int top = 0;
    for (BarChart chart : charts) {
      chart.draw(svg, top);
      top += chart.height();
    }
    return svg.toString();
  }

  private void draw(Svg svg, int top) {
    svg.title(GAP, top + 20, title);
    for (int row = 0; row < bars.size(); row++) {
      svg.text(GAP, top + HEAD + row * ROW + 15, bars.get(row).name);
    }
    for (int i = 0; i < units.size(); i++) {
      column(svg, NAMES + i * COLUMN, top, i);
    }
  }

  private void column(Svg svg, int left, int top, int unit) {
    svg.note(left, top + 38, units.get(unit));
    double most = bars.stream().mapToDouble(bar -> bar.values.get(unit).greatest()).max().orElse(1);
    double scale = (COLUMN - VALUE) / most;
    int y = top + HEAD;
    for (Bar bar : bars) {
      Spread value = bar.values.get(unit);
      double end = left + value.greatest() * scale;
      String colour = bar.name.startsWith(Compare.BATON) ? "#2563eb" : "#9ca3af";
      svg.bar(left, y + 3, value.median() * scale, 16, colour);
      svg.rule(left + value.least() * scale, y + 11, end, "black");
      svg.text(end + 6, y + 15, Table.rounded(value.median()));
      y += ROW;
    }
  }
}
