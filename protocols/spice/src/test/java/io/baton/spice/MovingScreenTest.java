package io.baton.spice;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.spice.testing.ClientWire;
import io.baton.testing.Seeds;
import io.netty.util.LeakPresenceDetector;
import java.awt.image.DataBufferInt;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Sessions that move at any moment: the client's picture stays the service's, and no key is lost or
 * doubled. The expected picture is that of a session that does not move.
 */
final class MovingScreenTest {
  private static final SpiceCodec CODEC = new SpiceCodec(SpiceSettings.DEFAULT);

  @AfterEach
  void leavesNothing() {
    LeakPresenceDetector.check();
  }

  private static int[] pixels(SimulatedSession session) {
    ScreenSession service = (ScreenSession) Objects.requireNonNull(session.service);
    return ((DataBufferInt) service.screen().image().getRaster().getDataBuffer()).getData();
  }

  /** One conversation. */
  private static final class Talk implements AutoCloseable {
    final SimulatedServer server = new SimulatedServer(CODEC, TestSurface::new);
    final TestClient main = TestClient.main(server, "");
    final SimulatedSession session = main.connection.session;
    final TestClient display;
    final TestClient inputs;

    Talk(int headers, int displayCaps) {
      int id = main.messages().getFirst().body().getInt(0);
      display = TestClient.open(server, id, ClientWire.DISPLAY, headers, displayCaps, "");
      display.sends(Messages.DISPLAY_CLIENT_INIT, new byte[14]);
      inputs = TestClient.open(server, id, ClientWire.INPUTS, ClientWire.COMMON, 0, "");
    }

    int[] picture() {
      display.messages();
      inputs.messages();
      assertThat(display.screen.shows(pixels(session))).isTrue();
      return pixels(session).clone();
    }

    @Override
    public void close() {
      server.close();
    }
  }

  private static byte[] keys(int count) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      all.writeBytes(ClientWire.keyDown(2 + i % 10));
      all.writeBytes(ClientWire.keyUp(2 + i % 10));
    }
    return all.toByteArray();
  }

  @Test
  void aPictureIsEqualWhereverItsSessionMoves() {
    byte[] keys = keys(6);
    int[] expected;
    try (Talk talk = new Talk(ClientWire.COMMON, 0)) {
      talk.inputs.connection.reads(keys);
      expected = talk.picture();
    }
    for (int cut = 0; cut <= keys.length; cut++) {
      try (Talk talk = new Talk(ClientWire.COMMON, ClientWire.LZ4)) {
        talk.inputs.connection.reads(Arrays.copyOf(keys, cut));
        talk.server.move(talk.session);
        talk.inputs.connection.reads(Arrays.copyOfRange(keys, cut, keys.length));
        assertThat(talk.picture()).as("cut in front of byte %d", cut).isEqualTo(expected);
      }
    }
  }

  @Test
  void aPictureIsEqualWithAnyReadsPausesAndMoves() {
    Seeds.many(MovingScreenTest.class, 10_000, 30).forEach(MovingScreenTest::bySeed);
  }

  private static void bySeed(long seed) {
    Random random = new Random(seed);
    byte[] keys = keys(random.nextInt(60));
    int headers = random.nextBoolean() ? ClientWire.COMMON : ClientWire.AUTH_SELECTION;
    int caps = random.nextBoolean() ? ClientWire.LZ4 : 0;
    int[] expected;
    try (Talk talk = new Talk(headers, caps)) {
      talk.inputs.connection.reads(keys);
      expected = talk.picture();
    }
    try (Talk talk = new Talk(headers, caps)) {
      int at = 0;
      while (at < keys.length) {
        int size = Math.min(1 + random.nextInt(40), keys.length - at);
        talk.inputs.connection.reads(Arrays.copyOfRange(keys, at, at + size));
        at += size;
        switch (random.nextInt(4)) {
          case 0 -> talk.server.move(talk.session);
          case 1 -> talk.display.messages();
          case 2 -> talk.session.window.open = !talk.session.window.open;
          default -> {
            // and the next read
          }
        }
      }
      talk.session.window.open = true;
      talk.inputs.connection.flow.resume();
      talk.inputs.connection.handOut();
      assertThat(talk.picture()).as("seed %d", seed).isEqualTo(expected);
      assertThat(talk.session.received).as("seed %d", seed).hasSizeLessThanOrEqualTo(121);
    }
  }

  @Test
  void aClientThatIsSlowIsSentTheLatestPictureOnly() {
    try (Talk talk = new Talk(ClientWire.COMMON, 0)) {
      talk.display.messages();
      talk.display.acknowledgesNothing();
      for (int i = 0; i < 50; i++) {
        talk.inputs.connection.reads(keys(20));
      }
      int underWay = talk.display.messages().size();
      assertThat(underWay).isLessThanOrEqualTo(2 * AckWindow.WINDOW);
      assertThat(talk.session.window.keptBack).isLessThan(200 * 1024);
    }
  }

  @Test
  void theSavedFormIsRefusedIfItIsCutOff() {
    try (Talk talk = new Talk(ClientWire.COMMON, 0)) {
      byte[] saved = Objects.requireNonNull(talk.session.service).save(talk.session);
      for (int length = 0; length < saved.length; length++) {
        assertThat(isWhole(Arrays.copyOf(saved, length))).as("%d bytes", length).isFalse();
      }
      assertThat(isWhole(saved)).isTrue();
    }
  }

  private static boolean isWhole(byte[] saved) {
    try {
      SavedScreen screen = SavedScreen.read(saved);
      screen.copyPixels(new int[screen.width() * screen.height()]);
      return screen.service().remaining() == 12;
    } catch (IllegalArgumentException cutOff) {
      return false;
    }
  }
}
