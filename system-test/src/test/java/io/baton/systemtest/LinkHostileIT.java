package io.baton.systemtest;

import static io.baton.systemtest.LinkWire.DATA;
import static io.baton.systemtest.LinkWire.DEFINE;
import static io.baton.systemtest.LinkWire.END;
import static io.baton.systemtest.LinkWire.GOODBYE;
import static io.baton.systemtest.LinkWire.GRANT;
import static io.baton.systemtest.LinkWire.HELLO;
import static io.baton.systemtest.LinkWire.PREAMBLE;
import static io.baton.systemtest.LinkWire.PROOF;
import static io.baton.systemtest.LinkWire.REFUSED;
import static io.baton.systemtest.LinkWire.WELCOME;
import static io.baton.systemtest.LinkWire.bytes;
import static io.baton.systemtest.LinkWire.frame;
import static io.baton.systemtest.LinkWire.hello;
import static io.baton.systemtest.LinkWire.limits;
import static io.baton.systemtest.LinkWire.text;
import static io.baton.systemtest.LinkWire.u8;
import static io.baton.systemtest.LinkWire.varint;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.core.LinkCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Clients of Link that break the protocol, made of bytes: each is told with which code it ends, and
 * an honest client is served meanwhile by workers with little memory.
 */
class LinkHostileIT {
  private static final String SERVICE = "questions";
  private static final int PINNING = 300;
  private static final int STREAMS = 64;

  /** More than a few sessions hold at rest. */
  private static final int LITTLE = 1 << 20;

  private static final int WINDOW = 256 << 10;

  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        ModuleJar.install(server, LinkModule.class, Map.of(), LinkWords.class);
        port = LinkTalk.listen(server, "link", "service = " + SERVICE + ", awaits-return = 5s");
        server.configure("worker.memory-budget", "16m");
        server.configure(
            "worker.java-options",
            "[\"-Xmx64m\", \"-XX:+UseSerialGC\", \"-XX:TieredStopAtLevel=1\","
                + " \"-XX:+ExitOnOutOfMemoryError\", "
                + TestServer.LEAKS_LOOKED_FOR
                + "]");
      });

  private static LinkTalk honest() throws Exception {
    return new LinkTalk("tcp://127.0.0.1:" + port + "/" + SERVICE);
  }

  private static void put(List<Map.Entry<byte[], LinkCode>> all, byte[] bytes, LinkCode answer) {
    all.add(Map.entry(bytes, answer));
  }

  // ---- before there is a session ----

  private static List<Map.Entry<byte[], LinkCode>> refused() {
    byte[] start = bytes(u8(0, 0), text(SERVICE), new byte[16]);
    List<Map.Entry<byte[], LinkCode>> all = new ArrayList<>();
    put(all, "GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII), LinkCode.BAD_MAGIC);
    put(all, "BTLL".getBytes(US_ASCII), LinkCode.BAD_MAGIC);
    put(all, u8('B', 'T', 'L', 'K', 2), LinkCode.VERSION);
    put(all, bytes(PREAMBLE, frame(HELLO, u8(1, 9), text(SERVICE))), LinkCode.VERSION);
    put(
        all,
        bytes(PREAMBLE, frame(HELLO, u8(0, 0), text("nothing"), new byte[16], limits(), u8(0))),
        LinkCode.UNKNOWN_SERVICE);
    // Lengths: of a frame, of a service's name, of a credential, of a number.
    put(all, bytes(PREAMBLE, u8(255, 255, 255, HELLO)), LinkCode.PROTOCOL);
    put(all, bytes(PREAMBLE, u8(0, 64, 0, HELLO)), LinkCode.PROTOCOL);
    put(
        all,
        bytes(PREAMBLE, frame(HELLO, u8(0, 0), varint(255), text("short"))),
        LinkCode.PROTOCOL);
    put(
        all,
        bytes(PREAMBLE, frame(HELLO, u8(0, 0), text(""), new byte[16], limits(), u8(0))),
        LinkCode.PROTOCOL);
    put(
        all,
        bytes(
            PREAMBLE,
            frame(
                HELLO,
                start,
                varint(WINDOW),
                varint(WINDOW),
                varint(WINDOW),
                varint(5_000),
                u8(0))),
        LinkCode.PROTOCOL);
    put(
        all,
        bytes(PREAMBLE, frame(HELLO, start, u8(0x80, 0), varint(WINDOW), varint(WINDOW), u8(0, 0))),
        LinkCode.PROTOCOL);
    put(
        all,
        bytes(PREAMBLE, frame(HELLO, start, u8(255, 255, 255, 255, 255, 255, 255, 255, 255, 255))),
        LinkCode.PROTOCOL);
    // Limits that no session can have: no window, and messages beyond the credit.
    put(
        all,
        bytes(PREAMBLE, frame(HELLO, start, varint(0), varint(WINDOW), varint(WINDOW), u8(0, 0))),
        LinkCode.PROTOCOL);
    put(
        all,
        bytes(
            PREAMBLE,
            frame(HELLO, start, varint(WINDOW), varint(2 * WINDOW), varint(WINDOW), u8(0, 0))),
        LinkCode.PROTOCOL);
    // Too little, too much, and what comes later.
    put(all, bytes(PREAMBLE, frame(HELLO, start)), LinkCode.PROTOCOL);
    put(all, bytes(PREAMBLE, frame(HELLO, start, limits(), u8(0, 0))), LinkCode.PROTOCOL);
    put(all, bytes(PREAMBLE, frame(DATA, u8(0, 1))), LinkCode.PROTOCOL);
    put(all, bytes(PREAMBLE, frame(99)), LinkCode.PROTOCOL);
    put(all, bytes(PREAMBLE, hello("nowhere"), frame(PROOF, new byte[32])), LinkCode.PROTOCOL);
    return all;
  }

  @Test
  void aBrokenHandshakeIsRefusedWithItsCodeHoweverItIsSplit() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkTalk honest = honest()) {
      int asked = 0;
      for (boolean bytewise : new boolean[] {false, true}) {
        for (Map.Entry<byte[], LinkCode> each : refused()) {
          try (LinkWire wire = new LinkWire(port, bytewise)) {
            LinkWire.Frame answer = wire.says(each.getKey()).hears();
            assertThat(answer.type()).isEqualTo(REFUSED);
            assertThat(LinkCode.of(answer.code()))
                .as("%s", answer)
                .isIn(each.getValue(), later(each.getKey()));
            assertThat(wire.isEnded()).isTrue();
          }
          assertThat(honest.asks("count")).isEqualTo(String.valueOf(++asked));
        }
      }
    }
    Status status = server.awaitQuiet();
    assertThat(status.total("errors")).isZero();
    assertThat(status.total("away")).isZero();
  }

  /** The last of the broken ones may be answered before all of it is there. */
  private static LinkCode later(byte[] bytes) {
    return new String(bytes, US_ASCII).contains("nowhere")
        ? LinkCode.UNKNOWN_SERVICE
        : LinkCode.UNKNOWN;
  }

  @Test
  void aNewerMinorVersionIsSpokenToInTheOldOne() throws Exception {
    var _ = SERVERS.running();
    try (LinkWire wire = new LinkWire(port, false)) {
      byte[] newer =
          frame(HELLO, u8(0, 7), text(SERVICE), new byte[16], limits(), u8(0), text("more"));
      LinkWire.Frame welcome = wire.proves(newer, wire.challenged(newer), new byte[0]);
      assertThat(welcome.type()).isEqualTo(WELCOME);
      assertThat(welcome.body()[0]).isZero();
      wire.leaves().hears(GOODBYE);
    }
  }

  @Test
  void aSessionIsTakenOverOnlyByWhoHasItsSecretAndOncePerAttempt() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkWire owner = new LinkWire(port, false).opens(SERVICE)) {
      byte[] replayed = hello(SERVICE, owner.id(), 1, 0);
      assertThat(takesOver(replayed, new byte[32])).isEqualTo(LinkCode.FORBIDDEN);
      byte[] forged = owner.id().clone();
      forged[15] ^= 1;
      assertThat(takesOver(hello(SERVICE, forged, 1, 0), owner.secret()))
          .isEqualTo(LinkCode.NO_SUCH_SESSION);
      owner.says(frame(11, new byte[8])).hears(12); // it is still the owner's
      try (LinkWire next = new LinkWire(port, false)) {
        assertThat(next.proves(replayed, next.challenged(replayed), owner.secret()).type())
            .isEqualTo(WELCOME);
        assertThat(LinkCode.of(owner.hears(GOODBYE).code())).isEqualTo(LinkCode.SUPERSEDED);
        assertThat(takesOver(replayed, owner.secret())).isEqualTo(LinkCode.SUPERSEDED);
        next.leaves().hears(GOODBYE);
      }
    }
    Status status = server.awaitQuiet();
    assertThat(status.total("forged")).isEqualTo(1);
    assertThat(status.total("resumed")).isEqualTo(1);
    assertThat(status.total("superseded")).isEqualTo(1);
    assertThat(status.total("errors")).isZero();
  }

  @Test
  void aClientThatClaimsWhatWasNeverSentHasDiverged() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkWire owner = new LinkWire(port, false).opens(SERVICE)) {
      assertThat(takesOver(hello(SERVICE, owner.id(), 1, 1_000_000), owner.secret()))
          .isEqualTo(LinkCode.DIVERGED);
    }
    Status status = server.awaitQuiet();
    assertThat(status.total("away")).isZero();
    assertThat(status.total("errors")).isZero();
  }

  /** Wants to go on with a session; returns the code of the refusal. */
  private static LinkCode takesOver(byte[] hello, byte[] secret) throws Exception {
    try (LinkWire wire = new LinkWire(port, false)) {
      LinkWire.Frame answer = wire.says(PREAMBLE, hello).hears();
      if (answer.type() != REFUSED) {
        answer = wire.proves(hello, answer, secret);
      }
      assertThat(answer.type()).isEqualTo(REFUSED);
      return LinkCode.of(answer.code());
    }
  }

  // ---- in a session ----

  private static byte[] message(byte[]... content) {
    byte[] all = bytes(content);
    return frame(DATA, varint(0), varint(all.length), all);
  }

  private static List<Map.Entry<byte[], LinkCode>> ended() {
    byte[] schema = LinkModule.TYPES.schema();
    byte[] define = frame(DEFINE, varint(0), schema);
    List<Map.Entry<byte[], LinkCode>> all = new ArrayList<>();
    put(all, hello(SERVICE), LinkCode.PROTOCOL);
    put(all, frame(77), LinkCode.PROTOCOL);
    put(all, u8(255, 255, 255, DATA), LinkCode.PROTOCOL);
    put(all, frame(DATA, varint(0)), LinkCode.PROTOCOL);
    // Beyond the longest message; of kinds and types that nobody knows. (What is beyond the window
    // depends on what the server has granted meanwhile.)
    put(all, frame(DATA, varint(0), varint(2 << 20), new byte[100]), LinkCode.TOO_LONG);
    put(all, message(u8(9, 0, 0)), LinkCode.PROTOCOL);
    put(all, message(u8(0, 7, 0)), LinkCode.PROTOCOL);
    put(all, bytes(define, message(u8(0, 0, 99, 99, 99))), LinkCode.PROTOCOL);
    put(all, bytes(define, frame(DEFINE, varint(0), u8(1, 2, 3))), LinkCode.DIVERGED);
    put(all, bytes(frame(DEFINE, varint(0), u8(1, 2, 3)), message(u8(0, 0, 0))), LinkCode.SCHEMA);
    put(
        all,
        bytes(
            frame(DEFINE, varint(0), new byte[40_000]), frame(DEFINE, varint(1), new byte[40_000])),
        LinkCode.TOO_MANY);
    // Of channels: one of the server's, an end without a beginning, acknowledged but never sent.
    put(all, frame(DATA, varint(2), u8(1)), LinkCode.PROTOCOL);
    put(all, frame(END, varint(1), varint(0), varint(0), u8(0, 0, 0, 0)), LinkCode.PROTOCOL);
    put(all, frame(GRANT, varint(0), varint(1_000_000)), LinkCode.PROTOCOL);
    return all;
  }

  @Test
  void aBrokenSessionEndsWithItsCodeAndNoOther() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkTalk honest = honest()) {
      int asked = 0;
      for (Map.Entry<byte[], LinkCode> each : ended()) {
        try (LinkWire wire = new LinkWire(port, false).opens(SERVICE)) {
          wire.says(each.getKey());
          LinkCode code = LinkCode.of(wire.hears(GOODBYE).code());
          assertThat(code).as("the client of case %d", asked).isEqualTo(each.getValue());
          wire.leaves();
        }
        assertThat(honest.asks("count")).isEqualTo(String.valueOf(++asked));
      }
    }
    Status status = server.await("nobody is away", s -> s.total("away") == 0);
    assertThat(status.total("errors")).isZero();
  }

  @Test
  void clientsThatPinEveryWindowStayWithinTheWorkersBudget() throws Exception {
    TestServer server = SERVERS.running();
    List<LinkWire> pinning = new ArrayList<>();
    try (LinkTalk honest = honest()) {
      for (int i = 1; i <= PINNING; i++) {
        LinkWire wire = new LinkWire(port, false);
        pinning.add(wire);
        if (opensWhileThereIsRoom(wire)) {
          pin(wire);
        }
        if (i % 20 == 0) {
          assertThat(honest.asks("count")).isEqualTo(String.valueOf(i / 20));
          assertWithinBudget(server.status());
        }
      }
      for (LinkWire each : pinning) {
        each.leaves().close();
      }
      assertThat(honest.asks("count")).isEqualTo(String.valueOf(1 + PINNING / 20));
      Status status = server.await("nobody is away", s -> s.total("away") == 0);
      assertThat(status.total("heldBack")).as("sessions that the budget stopped").isPositive();
      var _ = server.await("their memory is free", LinkHostileIT::holdsLittle);
      assertThat(status.total("workerDeaths")).isZero();
      assertThat(status.total("errors")).isZero();
    }
  }

  private static boolean holdsLittle(Status status) {
    return Status.objects(status.json(), "workers").stream()
        .allMatch(
            each -> ((Number) Objects.requireNonNull(each.get("heldBytes"))).longValue() < LITTLE);
  }

  private static boolean opensWhileThereIsRoom(LinkWire wire) throws Exception {
    byte[] hello = hello(SERVICE);
    LinkWire.Frame answer = wire.says(PREAMBLE, hello).hears();
    return answer.type() != REFUSED && wire.proves(hello, answer, new byte[0]).type() == WELCOME;
  }

  /** Half a message that fills its window, and half the heads of all streams that there may be. */
  private static void pin(LinkWire wire) throws Exception {
    byte[] head = bytes(u8(1), varint(255), new byte[100]);
    byte[] part = new byte[50_000];
    wire.says(frame(DATA, varint(0), varint(1_000_000), part));
    for (int i = 0; i < 4; i++) {
      wire.says(frame(DATA, varint(0), part));
    }
    for (int i = 0; i < STREAMS; i++) {
      wire.says(frame(DATA, varint(2 * i + 1), head));
    }
  }

  private static void assertWithinBudget(Status status) {
    for (Map<String, ?> worker : Status.objects(status.json(), "workers")) {
      long held = ((Number) Objects.requireNonNull(worker.get("heldBytes"))).longValue();
      long budget = ((Number) Objects.requireNonNull(worker.get("memoryBudgetBytes"))).longValue();
      assertThat(held).as("%s", worker).isLessThanOrEqualTo(budget + WINDOW);
    }
  }
}
