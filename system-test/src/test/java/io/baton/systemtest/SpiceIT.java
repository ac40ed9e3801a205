package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.baton.spice.testing.ClientWire;
import io.baton.spice.testing.SpiceDriver;
import io.baton.spice.testing.SpiceDriver.Channel;
import io.baton.spice.testing.SpiceDriver.RefusedException;
import io.baton.systemtest.KeysScreenModule.KeysScreen;
import io.baton.testing.Nightly;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Screens, with clients of others and a driver of our own, while their workers change. */
class SpiceIT {
  private static final String PASSWORD = "screen";
  private static final int DRIVERS = Nightly.of(42, 6);
  private static final int REAL_CLIENTS = Nightly.of(8, 2);
  private static final int RELOADS = Nightly.of(10, 2);
  private static final int CONNECTIONS = 4;
  private static final int CONNECTING = Nightly.of(12, 4);

  private static int port;

  @TempDir private static Path files;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        Path jar = ModuleJar.install(server, KeysScreenModule.class, Map.of());
        ModuleJar.bundle(jar, TestServer.HOME.resolve("lib/protocols/spice.jar"));
        server.configure("modules.keys-screen.password", PASSWORD);
        port = listen(server, "screens");
      });

  /** Adds a listener, whose connections go to the workers in turn. */
  private static int listen(TestServer server, String name) throws IOException {
    int listens = server.listen(name, "keys");
    server
        .configure("listeners." + name + ".codec", "spice")
        .configure("listeners." + name + ".placement", "round-robin");
    return listens;
  }

  private static void await(SpiceDriver driver, List<Integer> keys) {
    int[] expected = mask(KeysScreen.picture(keys));
    Wait.until(
        "the picture after %d keys".formatted(keys.size()),
        () -> driver.ended() != null || driver.screen().shows(expected));
    assertThat(driver.ended()).isNull();
  }

  private static int[] mask(int[] pixels) {
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] &= 0xFFFFFF;
    }
    return pixels;
  }

  @Test
  void aScreenshotOfARealClientIsTheSurface() throws Exception {
    Shell.need("aScreenshotOfARealClientIsTheSurface", "spicy-screenshot");
    SERVERS.running();
    Path shot = files.resolve("shot.ppm");
    Shell.run(
            "spicy-screenshot",
            "-h",
            "127.0.0.1",
            "-p",
            Integer.toString(port),
            "-w",
            PASSWORD,
            "-o",
            shot.toString())
        .orThrow("spicy-screenshot");
    assertThat(Ppm.read(Files.readAllBytes(shot))).isEqualTo(mask(KeysScreen.picture(List.of())));
  }

  @Test
  void sessionsGoOnWhereverTheirWorkersAre() throws Exception {
    String name = "sessionsGoOnWhereverTheirWorkersAre";
    Shell.need(name, "Xvfb");
    Shell.need(name, "spicy");
    Shell.need(name, "remote-viewer");
    TestServer server = SERVERS.running();
    List<SpiceDriver> drivers = new ArrayList<>();
    try (RealSpiceClients real = new RealSpiceClients(files, port, PASSWORD)) {
      for (int i = 0; i < REAL_CLIENTS; i++) {
        real.open(i % 2 == 0 ? "spicy" : "remote-viewer");
      }
      for (int i = 0; i < DRIVERS; i++) {
        drivers.add(new SpiceDriver(port, PASSWORD, i % 2 == 0 ? 0 : ClientWire.LZ4));
      }
      int all = (REAL_CLIENTS + DRIVERS) * CONNECTIONS;
      real.awaitPicture(mask(KeysScreen.picture(List.of())), KeysScreenModule.WIDTH);
      server.await("all are there", s -> s.listener("screens").open() == all);
      long before = server.status().listener("screens").accepted();
      List<Integer> keys = new ArrayList<>();
      AtomicBoolean done = new AtomicBoolean();
      FutureTask<Void> typing =
          new FutureTask<>(() -> {
            Random random = new Random(42);
            while (!done.get()) {
              int key = 2 + random.nextInt(50);
              keys.add(key);
              for (SpiceDriver each : drivers) {
                each.input(ClientWire.keyDown(key));
                each.input(ClientWire.pointerAt(keys.size() % 640, 5, 0));
                each.input(ClientWire.keyUp(key));
              }
            }
            return null;
          });
      Thread.ofVirtual().start(typing);
      for (int i = 0; i < RELOADS; i++) {
        assertThat(server.script("reload").orThrow("reload").out()).contains(", 0 closed");
      }
      server.script("recycle").orThrow("recycle");
      done.set(true);
      typing.get();
      for (SpiceDriver each : drivers) {
        await(each, keys);
      }
      assertThat(keys).isNotEmpty();
      real.awaitPicture(mask(KeysScreen.picture(List.of())), KeysScreenModule.WIDTH);
      real.assertAllRun();
      assertThat(server.status().listener("screens").accepted())
          .as("none has come back")
          .isEqualTo(before);
      assertThat(server.status().listener("screens").open()).isEqualTo(all);
    } finally {
      for (SpiceDriver each : drivers) {
        each.close();
      }
    }
  }

  @Test
  void clientsThatConnectDuringAReloadSucceedAtTheFirstTry() throws Exception {
    TestServer server = SERVERS.running();
    AtomicBoolean done = new AtomicBoolean();
    List<FutureTask<Integer>> connecting = new ArrayList<>();
    for (int i = 0; i < CONNECTING; i++) {
      FutureTask<Integer> one =
          new FutureTask<>(() -> {
            int sessions = 0;
            while (!done.get()) {
              try (SpiceDriver driver = new SpiceDriver(port, PASSWORD, 0)) {
                driver.input(ClientWire.keyDown(3));
                await(driver, List.of(3));
                sessions++;
              }
            }
            return sessions;
          });
      connecting.add(one);
      Thread.ofVirtual().start(one);
    }
    try {
      for (int i = 0; i < RELOADS; i++) {
        server.script("reload").orThrow("reload");
      }
    } finally {
      done.set(true);
    }
    for (FutureTask<Integer> each : connecting) {
      assertThat(each.get()).as("sessions of one client").isPositive();
    }
  }

  @Test
  void aClientThatNeverAcknowledgesHarmsNoOther() throws Exception {
    SERVERS.running();
    try (Channel main = Channel.open(port, 0, ClientWire.MAIN, 0, PASSWORD);
        SpiceDriver other = new SpiceDriver(port, PASSWORD, 0)) {
      Channel.Message init = main.read();
      int id = Objects.requireNonNull(init).body().getInt(0);
      try (Channel display = Channel.open(port, id, ClientWire.DISPLAY, 0, PASSWORD);
          Channel inputs = Channel.open(port, id, ClientWire.INPUTS, 0, PASSWORD)) {
        display.send(ClientWire.displayInit());
        for (int i = 0; i < 1 + 40; i++) { // what several keys change may come as one message
          inputs.send(ClientWire.keyDown(2 + i % 40));
          assertThat(display.readSilently()).as("message %d", i).isNotNull();
        }
        for (int i = 0; i < 500; i++) {
          inputs.send(ClientWire.keyDown(2 + i % 40));
        }
        List<Integer> keys = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          keys.add(2 + i % 40);
          other.input(ClientWire.keyDown(2 + i % 40));
        }
        await(other, keys);
        assertSilent(display);
      }
    }
  }

  /** Nothing more comes, as far as can be seen in a moment. */
  private static void assertSilent(Channel channel) throws IOException {
    channel.timeout(1_000);
    assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(channel::readSilently);
  }

  private static void assertRefused(byte[] link, String password, int code) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> Channel.open(port, link, password).close())
        .satisfies(refused -> assertThat(refused.code()).isEqualTo(code));
  }

  @Test
  void aMistakeInALinkIsAnsweredWithTheProtocolsCode() throws Exception {
    SERVERS.running();
    int caps = ClientWire.COMMON;
    assertRefused(ClientWire.link(0x12345678, 2, 0, 1, 0, caps, 0), PASSWORD, 2);
    assertRefused(ClientWire.link(0x51444552, 3, 0, 1, 0, caps, 0), PASSWORD, 4);
    assertRefused(ClientWire.link(0, ClientWire.MAIN, caps, 0), "wrong", 7);
    assertRefused(ClientWire.link(0x7F123456, ClientWire.DISPLAY, caps, 0), PASSWORD, 8);
    try (SpiceDriver driver = new SpiceDriver(port, PASSWORD, 0)) {
      assertRefused(ClientWire.link(driver.sessionId(), 5, caps, 0), PASSWORD, 9);
      assertRefused(ClientWire.link(driver.sessionId(), 2, caps, 0), PASSWORD, 9);
      assertRefused(ClientWire.link(driver.sessionId() ^ 1, 2, caps, 0), PASSWORD, 8);
      await(driver, List.of());
    }
  }
}
