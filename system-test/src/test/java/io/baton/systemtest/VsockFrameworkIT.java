package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.systemtest.VsockFrameworkHeldModule.Port;
import io.baton.systemtest.VsockFrameworkPeer.Received;
import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import io.baton.testing.server.Ports;
import io.baton.vsockframework.cereal.CerealFormat;
import io.baton.vsockframework.example.MeasuredTexts;
import io.baton.vsockframework.example.Talk;
import io.baton.vsockframework.example.Text;
import io.baton.vsockframework.example.Texts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The vsock message framework, as a module in a real server, over TCP and a Unix socket; {@link
 * VsockLabIT} has it over vsock.
 */
class VsockFrameworkIT {
  private static final int SESSIONS = Nightly.of(2_000, 200);
  private static final int RELOADS = Nightly.of(20, 2);
  private static final int LONGEST = 4_096;
  private static final int HELD_MESSAGES = 200;
  private static final int QUESTIONS = 100;
  private static final int FLOODING = 200;
  private static final int MAX_MESSAGE = 1024 * 1024;
  private static final int GREEDY = Nightly.of(100, 30);

  /** So many empty texts are a body of some 200 KB and a record of more than 1 MB. */
  private static final int EMPTY_TEXTS = 25_000;

  /** So much the kernel takes from a client that is not read. */
  private static final int FLOOD = 256 * 1024;

  /** Of each of the two workers, in bytes; less than what those who flood them send. */
  private static final long BUDGET = 16 << 20;

  private static final CerealFormat<Text> TEXT = CerealFormat.of(Text.class);
  private static final CerealFormat<Texts> TEXTS = CerealFormat.of(Texts.class);
  private static final CerealFormat<MeasuredTexts> MEASURED = CerealFormat.of(MeasuredTexts.class);
  private static final CerealFormat<Talk> TALK = CerealFormat.of(Talk.class);
  private static final CerealFormat<Port> PORT = CerealFormat.of(Port.class);

  private static List<SocketAddress> echo = List.of();
  private static int held;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        Path jar = ModuleJar.install(server, VsockFrameworkHeldModule.class, Map.of());
        Path framework = TestServer.HOME.resolve("lib/protocols/vsock-framework.jar");
        ModuleJar.bundle(jar, framework);
        Files.copy(
            framework,
            jar.resolveSibling("vsock-framework.jar"),
            StandardCopyOption.REPLACE_EXISTING);
        String example = "io.baton.vsockframework.example.";
        server.configure(
            "modules.vsock-framework.types",
            "{ 0 = \"%sText\", 1 = \"%sTexts\", 2 = \"%sMeasuredTexts\", 4 = \"%sTalk\" }"
                .formatted(example, example, example, example));
        List<Integer> ports = Ports.free(2);
        held = ports.get(1);
        Path socket = server.runDir.resolve("framework.sock");
        echo = List.of(address(ports.get(0)), UnixDomainSocketAddress.of(socket));
        listen(
            server,
            "tcp",
            "tcp://127.0.0.1:" + ports.get(0),
            "vsock-framework",
            "vsock-framework-echo");
        listen(server, "local", "unix://" + socket, "vsock-framework", "vsock-framework-echo");
        listen(server, "held", "tcp://127.0.0.1:" + held, "held-framework", "held-framework");
        server.configure("worker.memory-budget", BUDGET);
        server.configure(
            "worker.java-options",
            "[\"-Xmx64m\", \"-XX:+UseSerialGC\", \"-XX:TieredStopAtLevel=1\","
                + " \"-XX:+ExitOnOutOfMemoryError\", "
                + TestServer.LEAKS_LOOKED_FOR
                + "]");
      });

  private static void listen(
      TestServer server, String name, String endpoint, String codec, String service)
      throws IOException {
    server.configure(
        "listeners." + name,
        "{ endpoint = \"%s\", codec = %s, service = %s, lane = virtual }"
            .formatted(endpoint, codec, service));
  }

  private static InetSocketAddress address(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static VsockFrameworkPeer open(int i) throws IOException {
    return new VsockFrameworkPeer(echo.get(i % echo.size()));
  }

  private static void exchange(VsockFrameworkPeer peer, Random random) throws IOException {
    String text = "x".repeat(random.nextInt(random.nextBoolean() ? 12 : LONGEST));
    Texts texts = new Texts(List.of(new Text(text), new Text("")), random.nextInt());
    switch (random.nextInt(5)) {
      case 0 -> peer.assertEcho(0, TEXT, new Text(text));
      case 1 -> peer.assertEcho(1, TEXTS, texts);
      case 2 ->
          peer.assertEcho(2, MEASURED, new MeasuredTexts(texts, Optional.of(random.nextDouble())));
      case 3 -> peer.assertEcho(4, TALK, new Talk(random.nextLong(), text));
      default -> peer.assertClock();
    }
  }

  @Test
  void messagesAndQuestionsGoOnWhileReloadsMoveTheirSessions() throws Exception {
    TestServer server = SERVERS.running();
    List<VsockFrameworkPeer> all = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      all.add(open(i));
    }
    long seed = Seeds.fresh(VsockFrameworkIT.class);
    TalksWhileReloads.run(server, all, RELOADS, seed, VsockFrameworkIT::exchange);
    for (VsockFrameworkPeer each : all) {
      each.assertEcho(0, TEXT, new Text("still here"));
      each.assertClock();
      each.close();
    }
    assertThat(server.status().total("errors")).isZero();
  }

  /** More messages than may be unprocessed wait for it, too. */
  @Test
  void theClockIsAnsweredWhileAServiceBlocks() throws Exception {
    TestServer server = SERVERS.running();
    try (ServerSocket latch = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        VsockFrameworkPeer peer = new VsockFrameworkPeer(address(held))) {
      peer.send(7, PORT, new Port(latch.getLocalPort()));
      try (Socket waits = latch.accept()) {
        for (int i = 1; i < HELD_MESSAGES; i++) {
          peer.send(7, PORT, new Port(-i));
        }
        for (int i = 0; i < QUESTIONS; i++) {
          peer.assertClock();
        }
        waits.getOutputStream().write(1);
        for (int i = 0; i < HELD_MESSAGES; i++) {
          Received received = peer.receive();
          assertThat(received.type()).isEqualTo(7);
          assertThat(received.read(PORT).number()).isEqualTo(i == 0 ? latch.getLocalPort() : -i);
        }
      }
    }
    assertThat(server.status().total("errors")).isZero();
  }

  @Test
  void lengthsAndBodiesThatAreNoneEndTheirOwnSessionOnly() throws Exception {
    TestServer server = SERVERS.running();
    try (VsockFrameworkPeer honest = open(0)) {
      for (int length : List.of(-1, Integer.MIN_VALUE, MAX_MESSAGE + 1, Integer.MAX_VALUE)) {
        try (VsockFrameworkPeer hostile = open(length & 1)) {
          hostile.write(VsockFrameworkPeer.head(0, length));
          hostile.assertEnds();
        }
        honest.assertEcho(0, TEXT, new Text("honest"));
      }
      try (VsockFrameworkPeer unknown = open(1)) {
        unknown.send(99, new byte[1]);
        unknown.assertEnds();
      }
      try (VsockFrameworkPeer malformed = open(0)) {
        malformed.send(0, ByteBuffer.allocate(8).putLong(-1).array());
        malformed.assertEnds();
      }
      honest.assertEcho(4, TALK, new Talk(1, "still"));
    }
    assertThat(server.status().total("errors")).isZero();
  }

  /** All of it is more than the workers have memory for. */
  @Test
  void clientsThatNeverFinishALongMessageTakeNobodysMemory() throws Exception {
    TestServer server = SERVERS.running();
    List<VsockFrameworkPeer> flooding = new ArrayList<>();
    try (VsockFrameworkPeer honest = open(0)) {
      for (int i = 0; i < FLOODING; i++) {
        VsockFrameworkPeer each = open(0);
        flooding.add(each);
        try {
          each.write(VsockFrameworkPeer.head(0, MAX_MESSAGE));
          each.write(ByteBuffer.allocate(FLOOD));
        } catch (IOException e) {
          // It was refused before it had sent all of it.
          assertThat(e).hasMessageMatching("Broken pipe|Connection reset.*");
        }
        honest.assertEcho(0, TEXT, new Text("honest"));
        honest.assertClock();
      }
      Wait.until("memory is short", server::workerLogs, log -> log.contains("memory is short"));
      assertThat(server.status().workers()).allMatch(each -> each.heldBytes() <= BUDGET);
      honest.assertEcho(0, TEXT, new Text("still here"));
    } finally {
      for (VsockFrameworkPeer each : flooding) {
        each.close();
      }
    }
    assertThat(server.status().total("errors")).isZero();
  }

  /** Their records, all together, are more than the workers' heaps have room for. */
  @Test
  void clientsThatSendRecordsOfManyPartsAndReadNothingEndNoWorker() throws Exception {
    TestServer server = SERVERS.running();
    List<Long> workers = pids(server);
    Texts many = new Texts(Collections.nCopies(EMPTY_TEXTS, new Text("")), 0);
    byte[] body = TEXTS.write(many, MAX_MESSAGE);
    List<VsockFrameworkPeer> greedy = new ArrayList<>();
    try (VsockFrameworkPeer honest = open(0)) {
      for (int i = 0; i < GREEDY; i++) {
        VsockFrameworkPeer each = open(i);
        greedy.add(each);
        Thread.ofPlatform().daemon().start(() -> sendUntilClosed(each, body));
        honest.assertEcho(0, TEXT, new Text("honest"));
        honest.assertClock();
      }
      Wait.until("memory is short", server::workerLogs, log -> log.contains("memory is short"));
      for (int i = 0; i < QUESTIONS; i++) {
        honest.assertEcho(4, TALK, new Talk(i, "still here"));
      }
    } finally {
      for (VsockFrameworkPeer each : greedy) {
        each.close();
      }
    }
    assertThat(pids(server)).isEqualTo(workers);
    assertThat(server.status().total("errors")).isZero();
  }

  private static List<Long> pids(TestServer server) throws Exception {
    return server.status().workers().stream().map(Status.Worker::pid).sorted().toList();
  }

  private static void sendUntilClosed(VsockFrameworkPeer greedy, byte[] body) {
    try {
      while (true) {
        greedy.send(1, body);
      }
    } catch (IOException e) {
      // It was refused, or the test is over.
    }
  }
}
