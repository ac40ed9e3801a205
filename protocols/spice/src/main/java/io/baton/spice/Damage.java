package io.baton.spice;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a surface that have changed and that the client has not been sent: at most {@value
 * #MAX_AREAS} rectangles and the rest of one, which may hold more than has changed.
 */
final class Damage {
  static final int MAX_AREAS = 32;

  private final Deque<Area> areas = new ArrayDeque<>();

  boolean isEmpty() {
    return areas.isEmpty();
  }

  /** Returns the rectangles, which may overlap. */
  List<Area> areas() {
    return List.copyOf(areas);
  }

  void clear() {
    areas.clear();
  }

  /** Adds a rectangle, which lies in the surface. */
  void add(Area area) {
    if (area.isEmpty()) {
      return;
    }
    for (Area each : areas) {
      if (each.holds(area)) {
        return;
      }
    }
    areas.removeIf(area::holds);
    if (areas.size() < MAX_AREAS) {
      areas.add(area);
    } else {
      merge(area);
    }
  }

  /** Puts the rectangle and the one that grows least by it into one. */
  private void merge(Area area) {
    Area best = areas.getFirst();
    long least = Long.MAX_VALUE;
    for (Area each : areas) {
      long growth = each.with(area).pixels() - each.pixels();
      if (growth < least) {
        least = growth;
        best = each;
      }
    }
    areas.remove(best);
    add(best.with(area));
  }

  /**
   * Takes the next rectangle to send, a part of the oldest one.
   *
   * @param maxPixels the most pixels it has
   * @return null if there is none
   */
  @Nullable Area take(int maxPixels) {
    Area oldest = areas.poll();
    if (oldest == null || oldest.pixels() <= maxPixels) {
      return oldest;
    }
    int width = Math.min(oldest.width(), maxPixels);
    int height = Math.max(1, maxPixels / width);
    List<Area> rest = new ArrayList<>();
    if (width < oldest.width()) {
      height = 1;
      rest.add(new Area(oldest.x() + width, oldest.y(), oldest.width() - width, 1));
    }
    rest.add(new Area(oldest.x(), oldest.y() + height, oldest.width(), oldest.height() - height));
    for (Area each : rest.reversed()) {
      if (!each.isEmpty()) {
        areas.addFirst(each);
      }
    }
    return new Area(oldest.x(), oldest.y(), width, Math.min(height, oldest.height()));
  }
}
