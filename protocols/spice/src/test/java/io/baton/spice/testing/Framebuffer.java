package io.baton.spice.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** What a client shows: the messages of the display channel, carried out. Safe for threads. */
public final class Framebuffer {
  private int[] pixels = {};
  private int width;
  private int height;
  private int tiles;
  private int compressed;

  /** Carries out a message; others than those of pictures change nothing. */
  public synchronized void apply(int type, ByteBuffer body) {
    body.order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case 314 -> create(body);
      case 304 -> draw(body);
      default -> {
        // Not a picture.
      }
    }
  }

  private void create(ByteBuffer body) {
    expect("surface", body.getInt(), 0);
    width = body.getInt();
    height = body.getInt();
    expect("format", body.getInt(), 32);
    pixels = new int[width * height];
  }

  private void draw(ByteBuffer body) {
    int start = body.position();
    expect("surface", body.getInt(), 0);
    int top = body.getInt();
    int left = body.getInt();
    int bottom = body.getInt();
    int right = body.getInt();
    expect("clip", body.get(), 0);
    int offset = body.getInt();
    expect("image offset", offset, 57);
    body.position(start + offset + 8);
    int kind = body.get() & 0xFF;
    body.get();
    expect("width", body.getInt(), right - left);
    expect("height", body.getInt(), bottom - top);
    byte[] bytes = kind == 109 ? lz4(body, (right - left) * (bottom - top)) : raw(body);
    ByteBuffer image = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        pixels[y * width + x] = image.getInt() & 0xFFFFFF;
      }
    }
    expect("rest of the image", image.remaining(), 0);
    tiles++;
  }

  private byte[] lz4(ByteBuffer body, int count) {
    expect("size", body.getInt(), body.remaining());
    expect("top down", body.get(), 1);
    expect("format", body.get(), 8);
    int length = Integer.reverseBytes(body.getInt());
    expect("block", body.remaining(), length);
    byte[] block = new byte[length];
    body.get(block);
    compressed++;
    return Lz4Block.decompress(block, count * 4);
  }

  private static byte[] raw(ByteBuffer body) {
    body.position(body.position() + 2 + 4 * 4);
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return bytes;
  }

  private static void expect(String what, int is, int expected) {
    if (is != expected) {
      throw new IllegalStateException("%s is %d, not %d".formatted(what, is, expected));
    }
  }

  public synchronized int width() {
    return width;
  }

  public synchronized int height() {
    return height;
  }

  /** Returns how many pictures have come. */
  public synchronized int tiles() {
    return tiles;
  }

  /** Returns how many of them were compressed. */
  public synchronized int compressed() {
    return compressed;
  }

  /** Returns the pixels, row by row, red in the third byte. */
  public synchronized int[] pixels() {
    return pixels.clone();
  }

  /** Returns whether it shows these pixels. */
  public synchronized boolean shows(int[] expected) {
    return Arrays.equals(pixels, expected);
  }
}
