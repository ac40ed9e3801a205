package io.baton.spice;

import io.baton.spice.SpiceInput.KeyDown;
import io.baton.spice.SpiceInput.PointerAt;
import io.baton.spice.SpiceInput.UserInput;
import java.awt.Color;
import java.nio.ByteBuffer;
import java.util.Random;

/** A screen whose picture is a function of the keys pressed on it: no key is lost or doubled. */
final class TestSurface implements ScreenService {
  private int keys;
  private long hash;

  @Override
  public void opened(Screen screen) {
    paint(screen, screen.area());
  }

  @Override
  public void received(Screen screen, UserInput input) {
    switch (input) {
      case KeyDown(int key) -> {
        keys++;
        hash = hash * 31 + key;
        Random random = new Random(hash);
        int x = random.nextInt(screen.width());
        int y = random.nextInt(screen.height());
        paint(screen, new Area(x, y, 1 + random.nextInt(20), 1 + random.nextInt(20)));
      }
      case PointerAt(int x, int y, int _) ->
          screen.paint(
              new Area(x, y, 1, 1),
              g -> {
                g.setColor(Color.WHITE);
                g.fillRect(x, y, 1, 1);
              });
      default -> {
        // Nothing is painted for it.
      }
    }
  }

  /** Noise, so that nothing is compressed to nothing. */
  private void paint(Screen screen, Area area) {
    Area there = area.within(screen.area());
    Random random = new Random(hash);
    for (int y = there.y(); y < there.y() + there.height(); y++) {
      for (int x = there.x(); x < there.x() + there.width(); x++) {
        screen.image().setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    screen.changed(there);
  }

  @Override
  public byte[] save(Screen screen) {
    return ByteBuffer.allocate(12).putInt(keys).putLong(hash).array();
  }

  @Override
  public void resumed(Screen screen, byte[] saved) {
    ByteBuffer in = ByteBuffer.wrap(saved);
    keys = in.getInt();
    hash = in.getLong();
  }
}
