package io.baton.systemtest;

import io.baton.codec.Codec;
import io.baton.codec.CodecModule;
import io.baton.spice.Area;
import io.baton.spice.Screen;
import io.baton.spice.ScreenService;
import io.baton.spice.Spice;
import io.baton.spice.SpiceCodec;
import io.baton.spice.SpiceInput;
import io.baton.spice.SpiceInput.ButtonDown;
import io.baton.spice.SpiceInput.KeyDown;
import io.baton.spice.SpiceInput.UserInput;
import io.baton.spice.SpiceOutput;
import io.baton.spice.SpiceSettings;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** Screens whose picture is a function of the keys that were pressed, in their order. */
public final class KeysScreenModule implements CodecModule {
  static final int WIDTH = 640;
  static final int HEIGHT = 480;

  private SpiceSettings settings = SpiceSettings.DEFAULT;

  @Override
  public String name() {
    return "keys-screen";
  }

  @Override
  public void start(Context context) {
    settings = SpiceSettings.of(context.config());
    context.service(
        "keys", SpiceInput.class, SpiceOutput.class, Spice.service(WIDTH, HEIGHT, KeysScreen::new));
  }

  @Override
  public Map<String, Codec<?, ?>> codecs() {
    return Map.of("spice", new SpiceCodec(settings));
  }

  /** Paints one cell for each key. */
  public static final class KeysScreen implements ScreenService {
    private static final int CELL = 16;
    private static final int COLUMNS = WIDTH / CELL;
    private static final int CELLS = COLUMNS * (HEIGHT / CELL);

    /** The code of a button, where no key has one. */
    static final int BUTTON = 0x10000;

    private int count;

    /** The picture after these keys. */
    static int[] picture(List<Integer> keys) {
      BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
      Graphics2D g = image.createGraphics();
      background(g);
      for (int i = 0; i < keys.size(); i++) {
        cell(g, i, keys.get(i));
      }
      g.dispose();
      return image.getRGB(0, 0, WIDTH, HEIGHT, null, 0, WIDTH);
    }

    private static void background(Graphics2D g) {
      for (int y = 0; y < HEIGHT; y++) {
        g.setColor(new Color(y * 255 / HEIGHT, 64, 255 - y * 255 / HEIGHT));
        g.drawLine(0, y, WIDTH, y);
      }
    }

    private static Area place(int count) {
      int cell = count % CELLS;
      return new Area((cell % COLUMNS) * CELL, (cell / COLUMNS) * CELL, CELL, CELL);
    }

    private static void cell(Graphics2D g, int count, int key) {
      Area at = place(count);
      g.setColor(new Color(((count * 0x9E3779B1) ^ (key * 0x85EBCA6B)) & 0xFFFFFF));
      g.fillRect(at.x(), at.y(), at.width(), at.height());
    }

    @Override
    public void opened(Screen screen) {
      screen.paint(KeysScreen::background);
    }

    @Override
    public void received(Screen screen, UserInput input) {
      switch (input) {
        case KeyDown(int key) -> press(screen, key);
        case ButtonDown(int button, int _) -> press(screen, BUTTON + button);
        default -> {
          // The picture does not depend on it.
        }
      }
    }

    private void press(Screen screen, int key) {
      screen.paint(place(count), g -> cell(g, count, key));
      count++;
    }

    @Override
    public byte[] save(Screen screen) {
      return ByteBuffer.allocate(Integer.BYTES).putInt(count).array();
    }

    @Override
    public void resumed(Screen screen, byte[] saved) {
      count = ByteBuffer.wrap(saved).getInt();
    }
  }
}
