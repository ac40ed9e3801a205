package io.baton.spice;

/**
 * A rectangle of pixels.
 *
 * @param x of its left column
 * @param y of its top row
 */
public record Area(int x, int y, int width, int height) {

  /** Returns whether there is no pixel in it. */
  public boolean isEmpty() {
    return width <= 0 || height <= 0;
  }

  /** Returns how many pixels it has. */
  public long pixels() {
    return isEmpty() ? 0 : (long) width * height;
  }

  /** Returns the part that lies in the other one too; empty if there is none. */
  public Area within(Area other) {
    int left = Math.max(x, other.x);
    int top = Math.max(y, other.y);
    long right = Math.min((long) x + width, (long) other.x + other.width);
    long bottom = Math.min((long) y + height, (long) other.y + other.height);
    return new Area(left, top, (int) Math.max(0, right - left), (int) Math.max(0, bottom - top));
  }

  /** Returns the smallest one that holds both. */
  Area with(Area other) {
    int left = Math.min(x, other.x);
    int top = Math.min(y, other.y);
    int right = Math.max(x + width, other.x + other.width);
    int bottom = Math.max(y + height, other.y + other.height);
    return new Area(left, top, right - left, bottom - top);
  }

  /** Returns whether all of the other one lies in it. */
  boolean holds(Area other) {
    return other.within(this).equals(other);
  }
}
