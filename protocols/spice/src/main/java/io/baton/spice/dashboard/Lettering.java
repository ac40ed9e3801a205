package io.baton.spice.dashboard;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;

/**
 * Text on a screen. The JDK takes its fonts from the system: where there are none (fontconfig and
 * one font package are needed), no text is drawn.
 */
final class Lettering {
  private static volatile boolean missing;

  private Lettering() {}

  static void draw(Graphics2D g, String text, int x, int y) {
    if (missing) {
      return;
    }
    try {
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.setFont(new Font(Font.MONOSPACED, Font.PLAIN, 16));
      g.drawString(text, x, y);
    } catch (RuntimeException | LinkageError | InternalError e) {
      missing = true;
    }
  }
}
