package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.baton.softbus.client.SoftBusClient;
import io.baton.softbus.wire.AuthenticationKey;
import io.baton.softbus.wire.FrameSealer;
import io.baton.softbus.wire.GcmKey;
import io.baton.softbus.wire.Ivs;
import io.baton.softbus.wire.SessionRequest;
import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import io.baton.testing.server.Ports;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Soft bus lite, as a module in a real server: thousands of sessions, which a reload moves, and
 * what stops its original, which ends one session here.
 */
class SoftBusIT {
  private static final int SESSIONS = Nightly.of(8_000, 1_000);
  private static final int RELOADS = Nightly.of(20, 2);
  private static final int OTHERS = Nightly.of(999, 99);
  private static final int FLOODING = 200;

  /** Of each of the two workers, in bytes; less than what those who flood them send. */
  private static final long BUDGET = 16 << 20;

  private static final int LONGEST = 256 * 1024;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String ECHO = "com.example.echo";
  private static final String PRIVATE = "com.example.private";
  private static final String[] NAMES = {ECHO, "com.example.2", "com.example.3", PRIVATE};

  private static final AuthenticationKey ONE = key(1);
  private static final AuthenticationKey TWO = key(2);

  private static int bus;
  private static int held;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        Path keys = server.directory.resolve("softbus.keys");
        Files.writeString(keys, line(ONE) + line(TWO));
        Path jar = ModuleJar.install(server, SoftBusHeldModule.class, Map.of());
        Path softbus = TestServer.HOME.resolve("lib/protocols/softbus.jar");
        ModuleJar.bundle(jar, softbus);
        Files.copy(softbus, jar.resolveSibling("softbus.jar"), StandardCopyOption.REPLACE_EXISTING);
        server.configure(
            "modules.softbus",
            "{ keys = \"%s\", max-data = %d, echo { \"%s\" = all, \"%s\" = all, \"%s\" = all, \"%s\" = [2] } }"
                .formatted(keys, LONGEST, NAMES[0], NAMES[1], NAMES[2], PRIVATE));
        server.configure("modules.held", "{ keys = \"%s\" }".formatted(keys));
        List<Integer> ports = Ports.free(2);
        bus = ports.get(0);
        held = ports.get(1);
        listen(server, "bus", bus, "softbus", "softbus-echo", "loop");
        listen(server, "held", held, "held-softbus", "held-bus", "virtual");
        server.configure("worker.memory-budget", BUDGET);
      });

  private static void listen(
      TestServer server, String name, int port, String codec, String service, String lane)
      throws IOException {
    server.configure(
        "listeners." + name,
        "{ endpoint = \"tcp://127.0.0.1:%d\", codec = %s, service = %s, lane = %s }"
            .formatted(port, codec, service, lane));
  }

  private static AuthenticationKey key(int index) {
    byte[] bytes = new byte[GcmKey.AUTHENTICATION_KEY_BYTES];
    Arrays.fill(bytes, (byte) index);
    return new AuthenticationKey(index, GcmKey.ofAuthentication(bytes));
  }

  private static String line(AuthenticationKey key) {
    return key.index() + " " + HexFormat.of().formatHex(key.key().bytes()) + "\n";
  }

  private static InetSocketAddress address(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static SoftBusClient open(String name, AuthenticationKey key) throws IOException {
    return SoftBusClient.open(address(bus), name, key, PATIENCE);
  }

  private static void assertEcho(SoftBusClient client, byte[] data) throws IOException {
    client.sendBytes(data);
    assertThat(client.receiveBytes(PATIENCE)).isEqualTo(data);
  }

  private static List<SoftBusClient> sessions(int number) throws IOException {
    List<SoftBusClient> all = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      String name = NAMES[i % NAMES.length];
      all.add(open(name, name.equals(PRIVATE) || i % 2 == 0 ? TWO : ONE));
    }
    return all;
  }

  private static void close(List<SoftBusClient> all) throws IOException {
    for (SoftBusClient each : all) {
      each.close();
    }
  }

  @Test
  void thousandsOfSessionsExchangeDataWhileReloadsMoveThem() throws Exception {
    TestServer server = SERVERS.running();
    List<SoftBusClient> all = sessions(SESSIONS);
    long seed = Seeds.fresh(SoftBusIT.class);
    TalksWhileReloads.run(server, all, RELOADS, seed, SoftBusIT::exchange);
    for (SoftBusClient each : all) {
      assertEcho(each, new byte[] {1});
    }
    Status status = server.status();
    assertThat(status.total("errors")).isZero();
    close(all);
  }

  private static void exchange(SoftBusClient session, Random random) throws IOException {
    byte[] data = new byte[1 + random.nextInt(1000)];
    random.nextBytes(data);
    assertEcho(session, data);
  }

  @Test
  void clientsWithoutPermissionOrWithAnUnknownNameAreRefused() throws Exception {
    TestServer server = SERVERS.running();
    try (SoftBusClient honest = open(PRIVATE, TWO)) {
      for (String name : List.of(PRIVATE, "com.example.nowhere", "softbus_Lite_unknown")) {
        assertThatExceptionOfType(EOFException.class)
            .as(name)
            .isThrownBy(() -> open(name, ONE))
            .withMessage("the server has refused the session");
      }
      assertEcho(honest, "still here".getBytes(US_ASCII));
      assertThat(honest.deviceId()).isEqualTo("baton");
    }
    assertThat(server.status().total("errors")).isZero();
  }

  // ---- what stops the original ----

  /** A session made of bytes, to send what a client does not. */
  private static final class Bytes implements AutoCloseable {
    private final Socket socket = new Socket(InetAddress.getLoopbackAddress(), bus);
    private final GcmKey key = GcmKey.random(new SecureRandom());
    private final FrameSealer sealer = new FrameSealer(key, Ivs.RANDOM, 0);

    Bytes() throws IOException {}

    byte[] first() {
      return new SessionRequest(ECHO, key, ONE).packet(Ivs.RANDOM);
    }

    void send(byte[]... pieces) throws IOException {
      OutputStream out = socket.getOutputStream();
      for (byte[] each : pieces) {
        out.write(each);
      }
    }

    /** Returns when the server has closed the session. */
    void assertEnds() throws IOException {
      assertThat(socket.getInputStream().readAllBytes()).hasSizeLessThan(1000);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void noiseHalfPacketsAndReplayedFramesEndTheirOwnSessionOnly() throws Exception {
    TestServer server = SERVERS.running();
    try (SoftBusClient honest = open(ECHO, ONE);
        Bytes noise = new Bytes();
        Bytes half = new Bytes();
        Bytes foreign = new Bytes();
        Bytes replaying = new Bytes()) {
      noise.send("24 bytes of sheer noise.".getBytes(US_ASCII));
      noise.assertEnds();
      assertEcho(honest, new byte[] {1});
      half.send(Arrays.copyOf(half.first(), 60)); // and stays
      assertEcho(honest, new byte[] {2});
      byte[] first = foreign.first();
      first[24] = 2;
      foreign.send(first);
      foreign.assertEnds();
      assertEcho(honest, new byte[] {3});
      byte[] frame = replaying.sealer.seal(new byte[] {4});
      replaying.send(replaying.first(), frame, frame);
      replaying.assertEnds();
      assertEcho(honest, new byte[] {4});
    }
    assertThat(server.status().total("errors")).isZero();
  }

  /** All of it is more than the worker has memory for. */
  @Test
  void clientsThatNeverFinishALongFrameTakeNobodysMemory() throws Exception {
    TestServer server = SERVERS.running();
    List<Bytes> flooding = new ArrayList<>();
    try (SoftBusClient honest = open(ECHO, ONE)) {
      for (int i = 0; i < FLOODING; i++) {
        Bytes each = new Bytes();
        flooding.add(each);
        byte[] frame = each.sealer.seal(new byte[LONGEST]);
        try {
          each.send(each.first(), Arrays.copyOf(frame, frame.length - 1));
        } catch (IOException e) {
          // It was refused before it had sent all of it.
          assertThat(e).hasMessageMatching("Broken pipe|Connection reset.*");
        }
        assertEcho(honest, new byte[] {(byte) i});
      }
      Wait.until("memory is short", server::workerLogs, log -> log.contains("memory is short"));
      assertThat(server.status().workers()).allMatch(each -> each.heldBytes() <= BUDGET);
      assertEcho(honest, new byte[] {1});
    } finally {
      for (Bytes each : flooding) {
        each.close();
      }
    }
    assertThat(server.status().total("errors")).isZero();
  }

  /** A callback of the original holds up all sessions. */
  @Test
  void aCallbackThatBlocksHoldsUpNoOtherSession() throws Exception {
    TestServer server = SERVERS.running();
    List<SoftBusClient> others = new ArrayList<>();
    for (int i = 0; i < OTHERS; i++) {
      others.add(SoftBusClient.open(address(held), SoftBusHeldModule.NAME, ONE, PATIENCE));
    }
    try (ServerSocket latch = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SoftBusClient blocked =
            SoftBusClient.open(address(held), SoftBusHeldModule.NAME, ONE, PATIENCE)) {
      blocked.sendBytes(ByteBuffer.allocate(Integer.BYTES).putInt(latch.getLocalPort()).array());
      try (Socket waits = latch.accept()) {
        for (SoftBusClient each : others) {
          assertEcho(each, new byte[] {7});
        }
        waits.getOutputStream().write(42);
        assertThat(blocked.receiveBytes(PATIENCE)).containsExactly(42);
      }
    }
    close(others);
    assertThat(server.status().total("errors")).isZero();
  }
}
