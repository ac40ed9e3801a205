package io.baton.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A picture on white ground, as it is being drawn. Lengths are in pixels. */
final class Svg {
  /** A place, from the upper left corner. */
  record Point(double x, double y) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.1f,%.1f", x, y);
    }
  }

  private static final String SMALL = "fill=\"#666\" font-size=\"11\"";

  private final StringBuilder svg = new StringBuilder();

  Svg(int width, int height) {
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" \
        font-family="sans-serif" font-size="13">
        <rect width="100%%" height="100%%" fill="white"/>
        """
            .formatted(width, height));
  }

  void title(double x, double y, String words) {
    text(x, y, "font-weight=\"bold\"", words);
  }

  void text(double x, double y, String words) {
    text(x, y, "", words);
  }

  /** In small print, as are the others. */
  void note(double x, double y, String words) {
    text(x, y, SMALL, words);
  }

  void noteAround(double x, double y, String words) {
    text(x, y, SMALL + " text-anchor=\"middle\"", words);
  }

  void noteUpTo(double x, double y, String words) {
    text(x, y, SMALL + " text-anchor=\"end\"", words);
  }

  private void text(double x, double y, String attributes, String words) {
    svg.append(
        String.format(
            Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" %s>%s</text>\n", x, y, attributes, words));
  }

  void bar(double x, double y, double width, double height, String colour) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n",
            x,
            y,
            width,
            height,
            colour));
  }

  /** From left to right. */
  void rule(double from, double y, double to, String colour) {
    svg.append(
        String.format(
            Locale.ROOT, "<path d=\"M%.1f %.1fH%.1f\" stroke=\"%s\"/>\n", from, y, to, colour));
  }

  /** Through all points, each with a dot. */
  void line(List<Point> points, String colour) {
    svg.append(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n"
            .formatted(
                points.stream().map(Point::toString).collect(Collectors.joining(" ")), colour));
    for (Point point : points) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
              point.x,
              point.y,
              colour));
    }
  }

  @Override
  public String toString() {
    return svg + "</svg>\n";
  }
}
