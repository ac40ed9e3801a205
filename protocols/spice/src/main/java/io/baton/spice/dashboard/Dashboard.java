package io.baton.spice.dashboard;

import io.baton.service.CloseReason;
import io.baton.spice.Area;
import io.baton.spice.Screen;
import io.baton.spice.ScreenService;
import io.baton.spice.SpiceInput.ButtonDown;
import io.baton.spice.SpiceInput.ButtonUp;
import io.baton.spice.SpiceInput.KeyDown;
import io.baton.spice.SpiceInput.KeyUp;
import io.baton.spice.SpiceInput.Modifiers;
import io.baton.spice.SpiceInput.MouseMoved;
import io.baton.spice.SpiceInput.PointerAt;
import io.baton.spice.SpiceInput.UserInput;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A screen with the state of the server and of the worker that serves it, painted anew each second,
 * and below it an area on which the left button draws and the keyboard types. After a reload the
 * worker is another one; the drawing is still there.
 */
public final class Dashboard implements ScreenService {
  static final int WIDTH = 640;
  static final int HEIGHT = 480;

  private static final Area STATE = new Area(0, 0, WIDTH, 210);
  private static final Area LINE = new Area(0, 210, WIDTH, 30);
  private static final Area DRAWING = new Area(0, 240, WIDTH, HEIGHT - 240);
  private static final int MAX_TEXT = 64;
  private static final Duration REFRESH = Duration.ofSeconds(1);
  private static final Color PAPER = new Color(0xFAF8F0);
  private static final Color INK = new Color(0x1F4E79);

  private static final AtomicInteger SCREENS = new AtomicInteger();

  private final Supplier<List<String>> server;
  private final StringBuilder text = new StringBuilder();
  private int moves;
  private boolean shift;
  private boolean drawing;
  private int x;
  private int y;

  /**
   * @param server what is known of the server, as lines of text
   */
  public Dashboard(Supplier<List<String>> server) {
    this.server = server;
  }

  /** Whether this worker shows one to anybody. */
  static boolean isShown() {
    return SCREENS.get() > 0;
  }

  @Override
  public void opened(Screen screen) {
    screen.paint(DRAWING, g -> fill(g, DRAWING, PAPER));
    paintText(screen);
    begin(screen);
  }

  private void begin(Screen screen) {
    SCREENS.incrementAndGet();
    refresh(screen);
  }

  private void refresh(Screen screen) {
    List<String> lines = new ArrayList<>(WorkerState.lines(SCREENS.get(), moves));
    lines.addAll(server.get());
    screen.paint(
        STATE,
        g -> {
          fill(g, STATE, INK);
          g.setColor(Color.WHITE);
          for (int i = 0; i < lines.size(); i++) {
            Lettering.draw(g, lines.get(i), 16, 26 + 21 * i);
          }
        });
    screen.after(REFRESH, () -> refresh(screen));
  }

  @Override
  public void received(Screen screen, UserInput input) {
    switch (input) {
      case KeyDown(int key) -> press(screen, key);
      case KeyUp(int key) -> shift = shift && !isShift(key);
      case ButtonDown(int button, int _) -> drawing = drawing || button == 1;
      case ButtonUp(int button, int _) -> drawing = drawing && button != 1;
      case PointerAt(int toX, int toY, int _) -> moveTo(screen, toX, toY);
      case MouseMoved(int dx, int dy, int _) ->
          moveTo(screen, Math.clamp(x + dx, 0, WIDTH), Math.clamp(y + dy, 0, HEIGHT));
      case Modifiers _ -> {
        // The locks change nothing here.
      }
    }
  }

  private static boolean isShift(int key) {
    return key == UsKeyboard.LEFT_SHIFT || key == UsKeyboard.RIGHT_SHIFT;
  }

  private void press(Screen screen, int key) {
    char character = UsKeyboard.character(key, shift);
    if (isShift(key)) {
      shift = true;
    } else if (key == UsKeyboard.BACKSPACE && !text.isEmpty()) {
      text.setLength(text.length() - 1);
      paintText(screen);
    } else if (character != 0) {
      if (text.length() == MAX_TEXT) {
        text.deleteCharAt(0);
      }
      text.append(character);
      paintText(screen);
    }
  }

  private void paintText(Screen screen) {
    screen.paint(
        LINE,
        g -> {
          fill(g, LINE, Color.WHITE);
          g.setColor(Color.BLACK);
          Lettering.draw(g, "> " + text, 16, LINE.y() + 20);
        });
  }

  private void moveTo(Screen screen, int toX, int toY) {
    if (drawing) {
      Area line =
          new Area(
              Math.min(x, toX) - 2,
              Math.min(y, toY) - 2,
              Math.abs(x - toX) + 4,
              Math.abs(y - toY) + 4);
      int fromX = x;
      int fromY = y;
      screen.paint(
          line.within(DRAWING),
          g -> {
            g.setColor(INK);
            g.setStroke(new BasicStroke(3, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            g.drawLine(fromX, fromY, toX, toY);
          });
    }
    x = toX;
    y = toY;
  }

  private static void fill(Graphics2D g, Area area, Color color) {
    g.setColor(color);
    g.fillRect(area.x(), area.y(), area.width(), area.height());
  }

  @Override
  public void closed(Screen screen, CloseReason why) {
    SCREENS.decrementAndGet();
  }

  @Override
  public byte[] save(Screen screen) {
    byte[] typed = text.toString().getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(14 + typed.length)
        .putInt(moves)
        .put((byte) (shift ? 1 : 0))
        .put((byte) (drawing ? 1 : 0))
        .putInt(x)
        .putInt(y)
        .put(typed)
        .array();
  }

  @Override
  public void resumed(Screen screen, byte[] saved) {
    ByteBuffer in = ByteBuffer.wrap(saved);
    moves = in.getInt() + 1;
    shift = in.get() != 0;
    drawing = in.get() != 0;
    x = in.getInt();
    y = in.getInt();
    text.append(StandardCharsets.US_ASCII.decode(in));
    begin(screen);
  }
}
