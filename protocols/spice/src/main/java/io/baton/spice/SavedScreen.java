package io.baton.spice;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The saved form of a screen, of version {@value #VERSION}: its size, what the client has and has
 * not been sent, the pixels (zlib) and what the service saved.
 *
 * @param displayed whether the client has a display
 * @param lz4 whether it understands LZ4
 * @param damage what it has not been sent
 * @param pixels compressed
 * @param service what the service saved
 */
record SavedScreen(
    int width,
    int height,
    boolean displayed,
    boolean lz4,
    List<Area> damage,
    ByteBuffer pixels,
    ByteBuffer service) {
  private static final int VERSION = 1;

  static SavedScreen of(
      int width,
      int height,
      boolean displayed,
      boolean lz4,
      List<Area> damage,
      int[] pixels,
      byte[] service) {
    return new SavedScreen(
        width, height, displayed, lz4, damage, deflate(pixels), ByteBuffer.wrap(service));
  }

  private static ByteBuffer deflate(int[] pixels) {
    byte[] bytes = new byte[pixels.length * 3];
    int at = 0;
    for (int pixel : pixels) {
      bytes[at++] = (byte) (pixel >> 16);
      bytes[at++] = (byte) (pixel >> 8);
      bytes[at++] = (byte) pixel;
    }
    try (Deflater deflater = new Deflater(Deflater.BEST_SPEED)) {
      deflater.setInput(bytes);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] chunk = new byte[16 * 1024];
      while (!deflater.finished()) {
        out.write(chunk, 0, deflater.deflate(chunk));
      }
      return ByteBuffer.wrap(out.toByteArray());
    }
  }

  /**
   * Copies the pixels.
   *
   * @throws IllegalArgumentException if they are not those of so many pixels
   */
  void copyPixels(int[] to) {
    byte[] bytes = new byte[to.length * 3];
    try (Inflater inflater = new Inflater()) {
      inflater.setInput(pixels.duplicate());
      int length = 0;
      while (length < bytes.length) {
        int more = inflater.inflate(bytes, length, bytes.length - length);
        if (more == 0) {
          throw new IllegalArgumentException("a saved screen ends too early");
        }
        length += more;
      }
    } catch (DataFormatException e) {
      throw new IllegalArgumentException("a saved screen is damaged", e);
    }
    for (int i = 0; i < to.length; i++) {
      int at = i * 3;
      to[i] = ((bytes[at] & 0xFF) << 16) | ((bytes[at + 1] & 0xFF) << 8) | (bytes[at + 2] & 0xFF);
    }
  }

  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(width);
      out.writeInt(height);
      out.writeBoolean(displayed);
      out.writeBoolean(lz4);
      out.writeInt(damage.size());
      for (Area each : damage) {
        out.writeInt(each.x());
        out.writeInt(each.y());
        out.writeInt(each.width());
        out.writeInt(each.height());
      }
      out.writeInt(pixels.remaining());
      out.write(bytes(pixels));
      out.writeInt(service.remaining());
      out.write(bytes(service));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] bytes(ByteBuffer from) {
    byte[] bytes = new byte[from.remaining()];
    from.duplicate().get(bytes);
    return bytes;
  }

  /** Returns a copy of what the service saved. */
  byte[] serviceBytes() {
    return bytes(service);
  }

  /**
   * Reads what {@link #toBytes} returned.
   *
   * @throws IllegalArgumentException if it is not one, or of another version
   */
  static SavedScreen read(byte[] saved) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(saved))) {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new IllegalArgumentException(
            "a screen saved in version %d; this one reads %d".formatted(version, VERSION));
      }
      int width = in.readInt();
      int height = in.readInt();
      boolean displayed = in.readBoolean();
      boolean lz4 = in.readBoolean();
      List<Area> damage = new ArrayList<>();
      for (int areas = in.readInt(); areas > 0; areas--) {
        damage.add(new Area(in.readInt(), in.readInt(), in.readInt(), in.readInt()));
      }
      return new SavedScreen(
          width, height, displayed, lz4, damage, block(in, saved), block(in, saved));
    } catch (IOException e) {
      throw new IllegalArgumentException("a saved screen ends too early", e);
    }
  }

  private static ByteBuffer block(DataInputStream in, byte[] all) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > all.length) {
      throw new IllegalArgumentException("a saved screen with a part of " + length + " bytes");
    }
    return ByteBuffer.wrap(in.readNBytes(length));
  }
}
