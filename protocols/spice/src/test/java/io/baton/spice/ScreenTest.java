package io.baton.spice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.service.testkit.TestSession;
import io.baton.spice.SpiceInput.ButtonDown;
import io.baton.spice.SpiceInput.DisplayOpened;
import io.baton.spice.SpiceInput.KeyDown;
import io.baton.spice.SpiceInput.UserInput;
import io.baton.spice.SpiceOutput.SurfaceOpened;
import io.baton.spice.SpiceOutput.Tile;
import java.awt.Color;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ScreenTest {
  private static final Area CORNER = new Area(0, 0, 8, 8);

  /**
   * Paints the corner at a key, the whole screen a second after, and has another size at a button.
   */
  private static final class Painter implements ScreenService {
    @Override
    public void opened(Screen screen) {
      fill(screen, screen.area(), Color.RED);
    }

    @Override
    public void received(Screen screen, UserInput input) {
      switch (input) {
        case KeyDown _ -> {
          fill(screen, CORNER, Color.GREEN);
          screen.after(Duration.ofSeconds(1), () -> fill(screen, screen.area(), Color.BLUE));
        }
        case ButtonDown _ -> screen.resize(30, 20);
        default -> {
          // Nothing is painted for it.
        }
      }
    }

    private static void fill(Screen screen, Area area, Color color) {
      screen.paint(
          area,
          g -> {
            g.setColor(color);
            g.fillRect(0, 0, 1000, 1000); // clipped to the area
          });
    }
  }

  private final TestSession<SpiceInput, SpiceOutput> test =
      TestSession.from(() -> Spice.service(100, 50, Painter::new).get());

  private List<Area> sentAreas() {
    return test.takeSent().stream()
        .filter(Tile.class::isInstance)
        .map(each -> ((Tile) each).area())
        .toList();
  }

  @Test
  void nothingIsSentBeforeTheClientHasADisplay() {
    test.open();
    test.receive(new KeyDown(2));
    assertThat(test.takeSent()).isEmpty();
    test.receive(new DisplayOpened(false));
    List<SpiceOutput> sent = test.takeSent();
    assertThat(sent.getFirst()).isEqualTo(new SurfaceOpened(100, 50));
    assertThat(sent).hasSize(2);
    Tile whole = (Tile) sent.get(1);
    assertThat(whole.area()).isEqualTo(new Area(0, 0, 100, 50));
    assertThat(whole.lz4()).isFalse();
    assertThat(whole.pixels().getInt(0)).isEqualTo(0x00FF0000); // green: bytes 0, 255, 0, 0
    assertThat(whole.pixels().getInt(4 * 8)).isEqualTo(0x0000FF00); // red: bytes 0, 0, 255, 0
  }

  @Test
  void onlyWhatWasPaintedIsSent() {
    test.open();
    test.receive(new DisplayOpened(true));
    test.takeSent();
    test.receive(new KeyDown(2));
    assertThat(sentAreas()).containsExactly(CORNER);
    test.advance(Duration.ofSeconds(1));
    assertThat(sentAreas()).containsExactly(new Area(0, 0, 100, 50));
  }

  @Test
  void whatIsPaintedTwiceWhileTheClientIsSlowIsSentOnce() {
    test.open();
    test.receive(new DisplayOpened(true));
    test.takeSent();
    test.setWritable(false);
    for (int i = 0; i < 10; i++) {
      test.receive(new KeyDown(2));
    }
    assertThat(test.takeSent()).isEmpty();
    test.setWritable(true);
    assertThat(sentAreas()).containsExactly(CORNER);
  }

  @Test
  void aScreenOfAnotherSizeIsSentWhole() {
    test.open();
    test.receive(new DisplayOpened(true));
    test.takeSent();
    test.receive(new ButtonDown(1, 1));
    assertThat(test.takeSent().getFirst()).isEqualTo(new SurfaceOpened(30, 20));
  }

  @Test
  void aScreenThatMovesSendsWhatWasNotSent() {
    test.open();
    test.receive(new DisplayOpened(true));
    test.takeSent();
    test.setWritable(false);
    test.receive(new KeyDown(2));
    test.move();
    test.setWritable(true);
    assertThat(sentAreas()).containsExactly(CORNER);
  }

  @ParameterizedTest
  @CsvSource({"0, 10", "10, 0", "-1, 10", "8193, 1024", "65536, 65536"})
  void aScreenHasABoundedNumberOfPixels(int width, int height) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Spice.service(width, height, Painter::new))
        .withMessageContaining("allowed: 1 to " + Screen.MAX_PIXELS);
  }
}
