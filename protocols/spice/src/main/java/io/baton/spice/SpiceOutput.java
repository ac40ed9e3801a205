package io.baton.spice;

import java.nio.ByteBuffer;

/** A message that the codec writes to the display channel, if the client has one. */
public sealed interface SpiceOutput {

  /**
   * The screen gets another size, and is black.
   *
   * @param width pixels
   * @param height pixels
   */
  record SurfaceOpened(int width, int height) implements SpiceOutput {}

  /**
   * A part of the screen gets other pixels.
   *
   * @param area which part
   * @param lz4 whether the pixels are one block of LZ4
   * @param pixels rows from the top, of four bytes a pixel: blue, green, red, 0. A read-only view;
   *     the bytes are not changed any more
   */
  record Tile(Area area, boolean lz4, ByteBuffer pixels) implements SpiceOutput {
    public Tile {
      pixels = pixels.asReadOnlyBuffer();
    }
  }
}
