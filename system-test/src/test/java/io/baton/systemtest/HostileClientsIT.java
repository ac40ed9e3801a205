package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Ports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that break the protocol, send too much, or take nothing, while others are served all the
 * time. The workers have little memory and end when it is not enough: none may.
 */
class HostileClientsIT {
  private static final int HEADER_TIMEOUT_MS = 1_000;
  private static final int WRITE_TIMEOUT_MS = 2_000;
  private static final List<String> LANES = List.of("ring", "virtual");

  @RegisterExtension static final Servers SERVERS = Servers.perClass();
  private static TestServer server;
  private static Site site;
  private static int frames;
  private static Map<String, Integer> lines;
  private static Map<String, Integer> webSockets;
  private final Visitors visitors = new Visitors(2, () -> server.visitWeb());

  @BeforeAll
  static void start() throws Exception {
    server = SERVERS.create();
    site = Site.of(server);
    List<Integer> free = Ports.free(1 + 2 * LANES.size());
    frames = free.getFirst();
    lines = listeners("line, service = echo-line", free.subList(1, 1 + LANES.size()));
    webSockets =
        listeners(
            "http, routes { \"/echo\" = { codec = websocket, service = echo-websocket } }",
            free.subList(1 + LANES.size(), free.size()));
    server
        .configure(
            "listeners.frames",
            "{ endpoint = \"tcp://127.0.0.1:%d\", codec = frame, service = echo }"
                .formatted(frames))
        .configure("listener-defaults.header-timeout", HEADER_TIMEOUT_MS + "ms")
        .configure("listener-defaults.write-timeout", WRITE_TIMEOUT_MS + "ms")
        .configure(
            "worker.java-options",
            "[\"-Xmx48m\", \"-XX:MaxDirectMemorySize=48m\", \"-XX:+UseSerialGC\","
                + " \"-XX:TieredStopAtLevel=1\", \"-XX:+ExitOnOutOfMemoryError\", "
                + TestServer.LEAKS_LOOKED_FOR
                + "]")
        .start();
  }

  /** One for each lane in which a service may lag behind; their ports by lane. */
  private static Map<String, Integer> listeners(String what, List<Integer> ports)
      throws IOException {
    Map<String, Integer> byLane = new LinkedHashMap<>();
    for (String lane : LANES) {
      int port = ports.get(byLane.size());
      byLane.put(lane, port);
      server.configure(
          "listeners.%s-%d".formatted(lane, port),
          "{ endpoint = \"tcp://127.0.0.1:%d\", lane = %s, codec = %s }"
              .formatted(port, lane, what));
    }
    return byLane;
  }

  /** Whatever the others did, nobody else noticed. */
  @AfterEach
  void othersAreUnharmed() throws Exception {
    visitors.awaitMore(20);
    visitors.close();
    assertThat(visitors.failures()).isEmpty();
    assertThat(server.status().total("workerDeaths")).isZero();
    assertThat(server.status().total("errors")).isZero();
  }

  private Client http() throws IOException {
    return Client.tcp(site.port());
  }

  @Test
  void aThousandRequestsInOneWriteAreAnsweredInOrder() throws Exception {
    StringBuilder all = new StringBuilder();
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      boolean known = i % 3 == 0 || i % 7 == 0;
      all.append("GET ")
          .append(known ? "/hello" : "/nothing")
          .append(" HTTP/1.1\r\nHost: h\r\n\r\n");
      expected.add(known ? 200 : 404);
    }
    try (Client client = http()) {
      client.send(all.toString());
      List<Integer> codes = new ArrayList<>();
      for (int i = 0; i < expected.size(); i++) {
        codes.add(client.answer().code());
      }
      assertThat(codes).isEqualTo(expected);
    }
  }

  @Test
  void aRequestBehindWhichTheClientEndsItsSideIsAnswered() throws Exception {
    try (Client client = http()) {
      client.sendGet("/hello");
      client.sendGet("/hello");
      client.shutdownOutput();
      assertThat(client.answer().code()).isEqualTo(200);
      assertThat(client.answer().code()).isEqualTo(200);
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void clientsThatResetInTheMiddleOfAnAnswerAreNobodysError() throws Exception {
    long closed = server.status().total("closed");
    for (int i = 0; i < 200; i++) {
      Client client = http();
      client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(20));
      if (i % 2 == 0) {
        client.read(1);
      }
      client.reset();
    }
    server.await("all are gone", s -> s.total("closed") >= closed + 200);
  }

  @Test
  void whatIsTooMuchIsSaidAndClosed() throws Exception {
    assertAnswer("GET / HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(64 * 1024), 431);
    assertAnswer("GET /" + "x".repeat(64 * 1024), 414);
    assertAnswer("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10737418240\r\n\r\n", 413);
    assertAnswer(
        "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n"
            + "x".repeat(0x200000),
        413);
  }

  @Test
  void aHeadThatDripsIs408() throws Exception {
    try (Client client = http()) {
      client.send("GET / HT");
      assertThat(client.answer().code()).isEqualTo(408);
      assertThat(client.isEnded()).isTrue();
    }
  }

  /** The client goes on sending until it is stopped; what it is told must reach it all the same. */
  private void assertAnswer(String request, int code) throws Exception {
    try (Client client = http()) {
      Thread sending =
          Thread.ofVirtual()
              .start(() -> sendAll(client, request.getBytes(StandardCharsets.ISO_8859_1)));
      Client.Answer answer = client.answer();
      assertThat(answer.code()).isEqualTo(code);
      assertThat(answer.closes()).isTrue();
      sending.join();
    }
  }

  private static void sendAll(Client client, byte[] bytes) {
    try {
      client.send(bytes);
    } catch (IOException _) {
      return; // it was stopped
    }
  }

  // ---- WebSockets ----

  private Client webSocket() throws IOException {
    return webSocket(site.port());
  }

  private static Client webSocket(int port) throws IOException {
    Client client = Client.tcp(port);
    client.send(
        """
        GET /echo HTTP/1.1\r
        Host: h\r
        Connection: Upgrade\r
        Upgrade: websocket\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==\r
        \r
        """);
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) client.read(1)[0]);
    }
    assertThat(head.toString()).startsWith("HTTP/1.1 101 ");
    return client;
  }

  /** A frame with a mask of zeros. */
  private static byte[] frame(int first, byte[] payload) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(first);
    out.write(0x80 | 126);
    out.write(payload.length >> 8);
    out.write(payload.length);
    out.write(new byte[4]);
    out.write(payload);
    return out.toByteArray();
  }

  private static void assertClosedWith(Client client, int code) throws IOException {
    byte[] head = client.read(4);
    assertThat(head[0]).isEqualTo((byte) 0x88);
    assertThat(ByteBuffer.wrap(head).getShort(2)).isEqualTo((short) code);
    client.read(head[1] - 2);
  }

  @Test
  void aFrameWithoutAMaskIs1002() throws Exception {
    try (Client client = webSocket()) {
      client.send(new byte[] {(byte) 0x81, 2, 'h', 'i'});
      assertClosedWith(client, 1002);
    }
  }

  @Test
  void aFrameOfATerabyteIs1009() throws Exception {
    try (Client client = webSocket()) {
      client.send(new byte[] {(byte) 0x82, (byte) 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
      assertClosedWith(client, 1009);
    }
  }

  @Test
  void fragmentsWithoutEndAre1009() throws Exception {
    try (Client client = webSocket()) {
      byte[] more = frame(0x00, new byte[32 * 1024]);
      Thread sending =
          Thread.ofVirtual()
              .start(() -> {
                sendAll(client, new byte[] {0x02, (byte) 0x80, 0, 0, 0, 0});
                for (int i = 0; i < 1_000; i++) {
                  sendAll(client, more);
                }
              });
      assertClosedWith(client, 1009);
      client.reset();
      sending.join();
    }
  }

  // ---- what was sent before the end ----

  @ParameterizedTest
  @ValueSource(strings = {"ring", "virtual"})
  void aTextAndACloseInOnePacketAreBothAnswered(String lane) throws Exception {
    byte[] text = {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'};
    byte[] close = {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 3, (byte) 0xe8};
    for (int i = 0; i < 30; i++) {
      try (Client client = webSocket(Objects.requireNonNull(webSockets.get(lane)))) {
        client.send(ByteBuffer.allocate(16).put(text).put(close).array());
        assertThat(client.read(4)).containsExactly(0x81, 2, 'h', 'i');
        assertClosedWith(client, 1000);
        assertThat(client.isEnded()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ring", "virtual"})
  void theLinesBeforeOneThatIsTooLongAreAnswered(String lane) throws Exception {
    String answers = "1 a\n2 b\n";
    try (Client client = Client.tcp(Objects.requireNonNull(lines.get(lane)))) {
      client.send("a\nb\n" + "x".repeat(128 * 1024));
      assertThat(new String(client.read(answers.length()), StandardCharsets.US_ASCII))
          .isEqualTo(answers);
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void aFrameOfFourGigabytesIsClosed() throws Exception {
    try (Client client = Client.tcp(frames)) {
      client.send(new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1, 2, 3});
      assertThat(client.isEnded()).isTrue();
    }
  }

  // ---- memory ----

  @Test
  void clientsThatFloodAndNeverReadAreHeldBackAndThenClosed() throws Exception {
    int flooders = 20;
    long most = 64L * 1024 * 1024;
    List<AtomicLong> sent = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < flooders; i++) {
      Client client = i % 2 == 0 ? server.echo() : Client.tcp(frames);
      byte[] piece = new byte[64 * 1024];
      if (i % 2 == 1) {
        Arrays.fill(piece, (byte) 0);
        ByteBuffer.wrap(piece).putInt(piece.length - 4);
      }
      AtomicLong mine = new AtomicLong();
      sent.add(mine);
      clients.add(client);
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  while (mine.get() < most) {
                    client.send(piece);
                    mine.addAndGet(piece.length);
                  }
                } catch (IOException _) {
                  return; // closed, as it should be
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join(); // blocked in sending until it is closed
    }
    // What the kernel's buffers hold, on both sides, and the window: not what was to be sent.
    assertThat(sent).allSatisfy(n -> assertThat(n.get()).isLessThan(most));
    for (Client client : clients) {
      client.close();
    }
  }
}
