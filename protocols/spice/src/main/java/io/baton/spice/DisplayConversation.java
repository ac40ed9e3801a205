package io.baton.spice;

import io.baton.spice.SpiceInput.DisplayOpened;
import io.baton.spice.SpiceOutput.SurfaceOpened;
import io.baton.spice.SpiceOutput.Tile;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** The display channel: one surface, which is the screen, and the pictures that go onto it. */
final class DisplayConversation extends Conversation {
  private static final int FORMAT_32_XRGB = 32;
  private static final int PRIMARY = 1;
  private static final int NO_CLIP = 0;
  private static final int ROP_PUT = 8;
  private static final int BITMAP_32 = 8;
  private static final int TOP_DOWN = 4;
  private static final int IMAGE_BITMAP = 0;
  private static final int IMAGE_LZ4 = 109;

  /** Where the image begins in a DRAW_COPY. */
  private static final int IMAGE_OFFSET = 57;

  /** Bytes of a DRAW_COPY at most, without the pixels. */
  private static final int DRAW_COPY_BYTES = IMAGE_OFFSET + 40;

  private final Channels channels;
  private final int capabilities;

  /** The client has a surface. */
  private boolean surface;

  private long images;

  /**
   * @param capabilities those of the client's display
   */
  DisplayConversation(Channels channels, SpiceChannel channel, int capabilities) {
    super(ChannelType.DISPLAY, channel);
    this.channels = channels;
    this.capabilities = capabilities;
  }

  static DisplayConversation read(Channels channels, SpiceChannel channel, ByteBuf in) {
    DisplayConversation display = new DisplayConversation(channels, channel, in.readInt());
    display.surface = in.readBoolean();
    display.images = in.readLong();
    return display;
  }

  @Override
  void save(ByteBuf out) {
    out.writeInt(capabilities).writeBoolean(surface).writeLong(images);
  }

  @Override
  Channels channels() {
    return channels;
  }

  @Override
  void begin() {
    channel().sendSetAck();
    channel().flush();
  }

  @Override
  boolean handsOut(int message) {
    return message == Messages.DISPLAY_CLIENT_INIT;
  }

  @Override
  int minBody(int message) {
    return 0;
  }

  @Override
  SpiceInput read(int message, ByteBuf body) {
    return new DisplayOpened(Capabilities.has(capabilities, Capabilities.DISPLAY_LZ4_COMPRESSION));
  }

  @Override
  void receive(int message, ByteBuf body) {
    // What the client prefers is about compressions and videos that this server does not send.
  }

  // ---- what the service sends ----

  void output(SpiceOutput output) {
    switch (output) {
      case SurfaceOpened(int width, int height) -> open(width, height);
      case Tile tile when surface -> draw(tile);
      case Tile _ -> {
        // For a display that the client has closed; the next one is sent everything.
      }
    }
  }

  private void open(int width, int height) {
    if (surface) {
      channel().send(Messages.DISPLAY_SURFACE_DESTROY, channel().body(4).writeIntLE(0));
    }
    surface = true;
    channel().send(Messages.DISPLAY_INVAL_ALL_PALETTES, channel().body(0));
    channel()
        .send(
            Messages.DISPLAY_SURFACE_CREATE,
            channel()
                .body(20)
                .writeIntLE(0)
                .writeIntLE(width)
                .writeIntLE(height)
                .writeIntLE(FORMAT_32_XRGB)
                .writeIntLE(PRIMARY));
    if (Capabilities.has(capabilities, Capabilities.DISPLAY_MONITORS_CONFIG)) {
      channel().send(Messages.DISPLAY_MONITORS_CONFIG, monitors(width, height));
    }
    channel().send(Messages.DISPLAY_MARK, channel().body(0));
  }

  private ByteBuf monitors(int width, int height) {
    return channel()
        .body(32)
        .writeShortLE(1) // monitors
        .writeShortLE(1) // of at most so many
        .writeIntLE(0) // its id
        .writeIntLE(0) // its surface
        .writeIntLE(width)
        .writeIntLE(height)
        .writeIntLE(0) // x
        .writeIntLE(0) // y
        .writeIntLE(0); // flags
  }

  private void draw(Tile tile) {
    Area area = tile.area();
    ByteBuf body = channel().body(DRAW_COPY_BYTES + tile.pixels().remaining());
    body.writeIntLE(0); // the surface
    box(body, area.x(), area.y(), area.width(), area.height());
    body.writeByte(NO_CLIP).writeIntLE(IMAGE_OFFSET);
    box(body, 0, 0, area.width(), area.height());
    body.writeShortLE(ROP_PUT).writeByte(0).writeByte(0).writeZero(12); // no scaling, no mask
    image(body, tile);
    channel().send(Messages.DISPLAY_DRAW_COPY, body);
  }

  private static void box(ByteBuf body, int x, int y, int width, int height) {
    body.writeIntLE(y).writeIntLE(x).writeIntLE(y + height).writeIntLE(x + width);
  }

  private void image(ByteBuf body, Tile tile) {
    int width = tile.area().width();
    int height = tile.area().height();
    ByteBuffer pixels = tile.pixels().duplicate();
    body.writeLongLE(++images)
        .writeByte(tile.lz4() ? IMAGE_LZ4 : IMAGE_BITMAP)
        .writeByte(0)
        .writeIntLE(width)
        .writeIntLE(height);
    if (tile.lz4()) {
      body.writeIntLE(pixels.remaining() + 6) // all that follows
          .writeByte(1) // from the top down
          .writeByte(BITMAP_32)
          .writeInt(pixels.remaining()); // big-endian, this one
    } else {
      body.writeByte(BITMAP_32)
          .writeByte(TOP_DOWN)
          .writeIntLE(width)
          .writeIntLE(height)
          .writeIntLE(width * Integer.BYTES)
          .writeIntLE(0); // no palette
    }
    body.writeBytes(pixels);
  }
}
