package io.baton.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Bars beside names, with whiskers from the least to the greatest value; drawn as SVG. */
final class BarChart {
  private static final int WIDTH = 720;
  private static final int LEFT = 130;
  private static final int RIGHT = 70;
  private static final int ROW = 24;
  private static final int HEAD = 44;
  private static final int GAP = 16;

  private record Bar(String name, Spread value) {}

  private final String title;
  private final String unit;
  private final List<Bar> bars = new ArrayList<>();

  BarChart(String title, String unit) {
    this.title = title;
    this.unit = unit;
  }

  void bar(String name, Spread value) {
    bars.add(new Bar(name, value));
  }

  private int height() {
    return HEAD + ROW * bars.size() + GAP;
  }

  /** All of them, one below the other, each with a scale of its own. */
  static String svg(List<BarChart> charts) {
    int height = charts.stream().mapToInt(BarChart::height).sum();
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" \
        font-family="sans-serif" font-size="13">
        <rect width="100%%" height="100%%" fill="white"/>
        """
            .formatted(WIDTH, height, WIDTH, height));
    int top = 0;
    for (BarChart chart : charts) {
      chart.draw(svg, top);
      top += chart.height();
    }
    return svg.append("</svg>\n").toString();
  }

  private void draw(StringBuilder svg, int top) {
    text(svg, GAP, top + 20, "font-weight=\"bold\"", title);
    text(svg, GAP, top + 36, "fill=\"#666\" font-size=\"11\"", unit);
    double most = bars.stream().mapToDouble(bar -> bar.value.greatest()).max().orElse(1);
    double scale = (WIDTH - LEFT - RIGHT) / most;
    int y = top + HEAD;
    for (Bar bar : bars) {
      double end = LEFT + bar.value.greatest() * scale;
      text(svg, GAP, y + 15, "", bar.name);
      svg.append(
          String.format(
              Locale.ROOT,
              """
              <rect x="%d" y="%d" width="%.1f" height="16" fill="%s"/>
              <path d="M%.1f %dH%.1f" stroke="black"/>
              """,
              LEFT,
              y + 3,
              bar.value.median() * scale,
              bar.name.startsWith(Compare.BATON) ? "#2563eb" : "#9ca3af",
              LEFT + bar.value.least() * scale,
              y + 11,
              end));
      text(svg, (int) end + 6, y + 15, "", "%.1f".formatted(bar.value.median()));
      y += ROW;
    }
  }

  private static void text(StringBuilder svg, int x, int y, String attributes, String text) {
    svg.append("<text x=\"%d\" y=\"%d\" %s>%s</text>\n".formatted(x, y, attributes, text));
  }
}
