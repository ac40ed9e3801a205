package io.baton.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Lines over whole numbers, whose scale is logarithmic; drawn as SVG. */
final class LineChart {
  private static final List<String> COLOURS = List.of("#2563eb", "#dc2626", "#059669");
  private static final int WIDTH = 420;
  private static final int HEIGHT = 300;
  private static final int LEFT = 70;
  private static final int RIGHT = 40;
  private static final int HEAD = 60;
  private static final int FOOT = 46;
  private static final int GAP = 16;
  private static final int LEGEND = 80; // a name of the legend
  private static final int LABEL = 64; // a number below the axis
  private static final int TICKS = 6; // at most

  private record Line(String name, List<Double> values) {}

  private final String title;
  private final String below;
  private final List<Integer> at;
  private final List<Line> lines = new ArrayList<>();

  /**
   * @param below what the numbers are
   * @param at the numbers, ascending
   */
  LineChart(String title, String below, List<Integer> at) {
    this.title = title;
    this.below = below;
    this.at = at;
  }

  /** Adds a line with a value for each number; there are colours for three. */
  LineChart line(String name, List<Double> values) {
    lines.add(new Line(name, values));
    return this;
  }

  /** All of them, side by side. */
  static String svg(List<LineChart> charts) {
    Svg svg = new Svg(WIDTH * charts.size(), HEIGHT);
    for (int i = 0; i < charts.size(); i++) {
      charts.get(i).draw(svg, i * WIDTH);
    }
    return svg.toString();
  }

  private void draw(Svg svg, int left) {
    svg.title(left + GAP, 20, title);
    scale(svg, left);
    numbers(svg, left);
    for (int i = 0; i < lines.size(); i++) {
      line(svg, left, lines.get(i), COLOURS.get(i));
      if (lines.size() > 1) {
        legend(svg, left + LEFT + i * LEGEND, lines.get(i).name, COLOURS.get(i));
      }
    }
  }

  private static void legend(Svg svg, int x, String name, String colour) {
    svg.line(List.of(new Svg.Point(x, 39), new Svg.Point(x + 16, 39)), colour);
    svg.note(x + 22, 43, name);
  }

  /** The values' scale, with a grid. */
  private void scale(Svg svg, int left) {
    double step = step(highest() - lowest());
    for (long i = (long) Math.ceil(lowest() / step); i * step <= highest(); i++) {
      double value = i * step;
      String colour = value == 0 ? "black" : "#ddd";
      svg.rule(left + LEFT, y(value), left + WIDTH - RIGHT, colour);
      svg.noteUpTo(left + LEFT - 6, y(value) + 4, Table.number(value));
    }
  }

  /** 1, 2 or 5 times a power of ten, so that there are few enough. */
  static double step(double range) {
    double power = Math.pow(10, Math.floor(Math.log10(range / TICKS)));
    for (int times : List.of(1, 2, 5)) {
      if (range / (power * times) <= TICKS) {
        return power * times;
      }
    }
    return power * 10;
  }

  /** The numbers below, but for those that have no room before the next one. */
  private void numbers(Svg svg, int left) {
    double next = Double.MAX_VALUE;
    for (int i = at.size() - 1; i >= 0; i--) {
      if (x(i) + LABEL <= next) {
        next = x(i);
        svg.noteAround(left + next, HEIGHT - FOOT + 18, Table.number(at.get(i)));
      }
    }
    svg.noteAround(left + (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, below);
  }

  private void line(Svg svg, int left, Line line, String colour) {
    svg.line(
        IntStream.range(0, at.size())
            .mapToObj(i -> new Svg.Point(left + x(i), y(line.values.get(i))))
            .toList(),
        colour);
  }

  private double x(int i) {
    double first = Math.log(at.getFirst());
    double whole = Math.log(at.getLast()) - first;
    double part = whole == 0 ? 0.5 : (Math.log(at.get(i)) - first) / whole;
    return LEFT + part * (WIDTH - LEFT - RIGHT);
  }

  private double y(double value) {
    double part = (value - lowest()) / (highest() - lowest());
    return HEIGHT - FOOT - part * (HEIGHT - FOOT - HEAD);
  }

  /** 0, unless a difference of two measurements went wrong. */
  private double lowest() {
    return Math.min(0, values().min().orElse(0));
  }

  private double highest() {
    return Math.max(1, values().max().orElse(1));
  }

  private DoubleStream values() {
    return lines.stream().flatMap(line -> line.values.stream()).mapToDouble(Double::doubleValue);
  }
}
