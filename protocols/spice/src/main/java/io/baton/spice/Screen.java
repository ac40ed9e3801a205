package io.baton.spice;

import io.baton.service.Cancellable;
import io.baton.service.Session;
import io.baton.spice.SpiceOutput.SurfaceOpened;
import io.baton.spice.SpiceOutput.Tile;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The screen of one session: a surface that its service paints on. It remembers which parts have
 * changed and sends them while the session is writable; a part that changes again before it is sent
 * is sent once. In the session's lane only.
 */
public final class Screen {
  /** The most pixels of a screen, which take four bytes each. */
  public static final int MAX_PIXELS = 8 * 1024 * 1024;

  /** The most pixels sent in one message: 64 KiB. */
  private static final int TILE_PIXELS = 16 * 1024;

  /**
   * The most pixels of a screen that a new display is sent in one message: 8 MiB. Some clients take
   * the first picture that comes for the whole screen.
   */
  private static final int FIRST_PIXELS = 2 * 1024 * 1024;

  private final Session<SpiceOutput> session;
  private final Damage damage = new Damage();
  private final Lz4 compressor = new Lz4();
  private BufferedImage image;
  private boolean displayed;
  private boolean lz4;

  /** The display has been sent no picture yet. */
  private boolean isFirst;

  Screen(Session<SpiceOutput> session, int width, int height) {
    this.session = session;
    this.image = image(width, height);
  }

  /** As it was in another worker. */
  Screen(Session<SpiceOutput> session, SavedScreen saved) {
    this(session, saved.width(), saved.height());
    saved.copyPixels(pixels(image));
    displayed = saved.displayed();
    lz4 = saved.lz4();
    saved.damage().forEach(damage::add);
  }

  private static BufferedImage image(int width, int height) {
    if (width < 1 || height < 1 || (long) width * height > MAX_PIXELS) {
      throw new IllegalArgumentException(
          "a screen of %d x %d pixels; allowed: 1 to %d pixels"
              .formatted(width, height, MAX_PIXELS));
    }
    return new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
  }

  private static int[] pixels(BufferedImage image) {
    return ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
  }

  /** Returns the session, for its facts and to close it; it is not to be sent anything. */
  public Session<SpiceOutput> session() {
    return session;
  }

  /** Returns the width in pixels. */
  public int width() {
    return image.getWidth();
  }

  /** Returns the height in pixels. */
  public int height() {
    return image.getHeight();
  }

  /** Returns the whole screen. */
  public Area area() {
    return new Area(0, 0, width(), height());
  }

  /**
   * Returns the surface, of {@link BufferedImage#TYPE_INT_RGB}, until the next {@link #resize}. Who
   * changes it without {@link #paint} says so with {@link #changed}.
   */
  public BufferedImage image() {
    return image;
  }

  /** Paints on the whole screen. */
  public void paint(Consumer<Graphics2D> painter) {
    paint(area(), painter);
  }

  /**
   * Paints on a part of the screen: the rest stays as it is, and is not sent.
   *
   * @param area in the screen's coordinates, as are those of the graphics
   */
  public void paint(Area area, Consumer<Graphics2D> painter) {
    Area there = area.within(area());
    if (there.isEmpty()) {
      return;
    }
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.clipRect(there.x(), there.y(), there.width(), there.height());
      painter.accept(graphics);
    } finally {
      graphics.dispose();
      damage.add(there);
    }
  }

  /** Tells that a part of the {@link #image} was changed directly. */
  public void changed(Area area) {
    damage.add(area.within(area()));
  }

  /**
   * Gives the screen another size. It is black afterwards.
   *
   * @throws IllegalArgumentException if a side is less than 1, or it has more than {@link
   *     #MAX_PIXELS}
   */
  public void resize(int width, int height) {
    image = image(width, height);
    if (displayed) {
      reopen();
    }
  }

  /**
   * Runs the task in the session's lane after the delay, unless cancelled or the session ended or
   * moved; what it paints is sent then.
   */
  public Cancellable after(Duration delay, Runnable task) {
    return session.after(
        delay,
        () -> {
          task.run();
          send();
        });
  }

  // ---- for the service that the session has ----

  /** The client has a display, which shows nothing yet. */
  void display(boolean lz4) {
    this.lz4 = lz4;
    displayed = true;
    reopen();
  }

  private void reopen() {
    session.send(new SurfaceOpened(width(), height()));
    damage.clear();
    damage.add(area());
    isFirst = true;
  }

  /** Sends what has changed, as long as the client takes it. */
  void send() {
    while (displayed && !damage.isEmpty() && session.writable()) {
      boolean whole = isFirst && area().pixels() <= FIRST_PIXELS;
      isFirst = false;
      Area next = damage.take(whole ? FIRST_PIXELS : TILE_PIXELS);
      if (next != null) {
        session.send(tile(next));
      }
    }
  }

  private Tile tile(Area area) {
    byte[] bytes = new byte[(int) area.pixels() * Integer.BYTES];
    int[] pixels = pixels(image);
    int at = 0;
    for (int y = area.y(); y < area.y() + area.height(); y++) {
      int row = y * width();
      for (int x = area.x(); x < area.x() + area.width(); x++) {
        int pixel = pixels[row + x];
        bytes[at++] = (byte) pixel;
        bytes[at++] = (byte) (pixel >> 8);
        bytes[at++] = (byte) (pixel >> 16);
        bytes[at++] = 0;
      }
    }
    if (lz4) {
      byte[] block = compressor.compress(bytes);
      if (block.length < bytes.length) {
        return new Tile(area, true, ByteBuffer.wrap(block));
      }
    }
    return new Tile(area, false, ByteBuffer.wrap(bytes));
  }

  /** Returns what another worker needs, with the service's own part. */
  SavedScreen save(byte[] service) {
    return SavedScreen.of(
        width(), height(), displayed, lz4, damage.areas(), pixels(image), service);
  }
}
