package io.baton.systemtest;

import static io.baton.systemtest.LinkWire.CREDIT;
import static io.baton.systemtest.LinkWire.DATA;
import static io.baton.systemtest.LinkWire.DEFINE;
import static io.baton.systemtest.LinkWire.GOODBYE;
import static io.baton.systemtest.LinkWire.GRANT;
import static io.baton.systemtest.LinkWire.bytes;
import static io.baton.systemtest.LinkWire.frame;
import static io.baton.systemtest.LinkWire.u8;
import static io.baton.systemtest.LinkWire.varint;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.TypedMessages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * How byte streams of Link end that are not received as a whole, for both sides, and what a client
 * sees of messages beside streams. The session goes on each time.
 */
class LinkStreamEndsIT {
  private static final long LENGTH = 4L << 20;
  private static final int CHUNK = 16 << 10;
  private static final int STREAMS = 8;

  private static int port;

  @TempDir private Path dir;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        ModuleJar.install(
            server,
            LinkStreamsModule.class,
            Map.of(),
            LinkWords.class,
            LinkModule.class,
            LinkStreamPeer.class,
            LinkBytes.class);
        port = LinkTalk.listen(server, "link", "service = streams");
      });

  private static LinkStreamClient client() throws Exception {
    return new LinkStreamClient("tcp://127.0.0.1:" + port + "/streams");
  }

  private Path file(String name) throws IOException {
    return LinkBytes.file(dir.resolve(name), LENGTH, 1);
  }

  /** Still asks the service, which answers. */
  private static void assertGoesOn(LinkStreamClient client, String id) throws Exception {
    client.says("pid " + id);
    assertThat(client.told("service pid " + id)).isNotEmpty();
  }

  // ---- refused and stopped ----

  @Test
  void aRefusedStreamEndsForItsSenderWithTheReceiversCode() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkStreamClient client = client()) {
      client.sendBytes("refused 300", LENGTH, 1);
      client.sendFile("refused 301", file("refused"));
      client.says("bytes %d 1 refused 302".formatted(LENGTH));
      client.says("file %s refused 303".formatted(dir.resolve("refused")));
      for (int code : new int[] {300, 301}) {
        assertThat(client.told("sent refused " + code)).startsWith(code + " ");
      }
      for (int code : new int[] {302, 303}) {
        assertThat(client.told("service sent refused " + code)).startsWith(code + " ");
      }
      assertGoesOn(client, "1");
    }
    assertThat(server.awaitQuiet().total("errors")).isZero();
  }

  @Test
  void aStreamWhoseReaderStopsEndsForItsSenderAsAnOrdinaryEnd() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkStreamClient client = client()) {
      client.sendBytes("first 100000", LENGTH, 1);
      assertThat(client.told("service received first 100000")).isEqualTo("100000 bytes");
      assertThat(client.told("sent first 100000")).startsWith("18 ");
      client.says("file %s first 100001".formatted(file("stopped")));
      assertThat(client.told("received first 100001")).isEqualTo("100001 bytes");
      assertThat(client.told("service sent first 100001")).startsWith("18 ");
      assertGoesOn(client, "1");
    }
    assertThat(server.awaitQuiet().total("errors")).isZero();
  }

  @Test
  void aCancelledStreamEndsForItsReaderAsAnOrdinaryEnd() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkStreamClient client = client()) {
      client.sendBytes("held 1", LENGTH, 1);
      client.says("file %s held 2".formatted(file("cancelled")));
      client.cancel("held 1");
      client.says("cancel held 2");
      assertThat(client.told("sent held 1")).startsWith("18 ");
      assertThat(client.told("service sent held 2")).startsWith("18 ");
      client.says("release");
      client.release();
      assertThat(client.told("service received held 1")).startsWith("18 ");
      assertThat(client.told("received held 2")).startsWith("18 ");
      assertGoesOn(client, "1");
    }
    assertThat(server.awaitQuiet().total("errors")).isZero();
  }

  // ---- files ----

  @Test
  void aFileThatIsNotThereCannotBeSent() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkStreamClient client = client()) {
      client.sendFile("sum 1", dir.resolve("nothing"));
      client.says("file %s sum 2".formatted(dir.resolve("nothing")));
      assertThat(client.told("sent sum 1")).contains("NoSuchFileException");
      assertThat(client.told("service sent sum 2")).contains("NoSuchFileException");
      assertGoesOn(client, "1");
    }
    assertThat(server.awaitQuiet().total("errors")).isZero();
  }

  @Test
  void aTargetThatCannotBeWrittenEndsTheStreamWithAnErrorOnBothSides() throws Exception {
    TestServer server = SERVERS.running();
    Path missing = dir.resolve("missing/target");
    String name = "file " + missing;
    try (LinkStreamClient client = client()) {
      client.sendBytes(name, LENGTH, 1);
      assertThat(client.told("service received " + name)).startsWith("16 ").contains("missing");
      assertThat(client.told("sent " + name)).startsWith("16 ");
      client.says("bytes %d 1 %s".formatted(LENGTH, name));
      assertThat(client.told("received " + name)).startsWith("16 ").contains("missing");
      assertThat(client.told("service sent " + name)).startsWith("16 ");
      assertGoesOn(client, "1");
    }
    assertThat(missing).doesNotExist();
    assertThat(server.awaitQuiet().total("errors")).isZero();
  }

  @Test
  void aFileThatBecomesShorterUnderWayEndsTheStreamWithAnErrorOnBothSides() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkStreamClient client = client()) {
      Path mine = file("mine");
      Path its = file("its");
      client.sendFile("held 1", mine);
      client.says("file %s held 2".formatted(its));
      assertGoesOn(client, "1"); // so both have begun, and not ended: they are longer than a window
      cut(mine);
      cut(its);
      client.says("release");
      client.release();
      assertThat(client.told("sent held 1")).startsWith("16 ");
      assertThat(client.told("service received held 1")).startsWith("16 ");
      assertThat(client.told("service sent held 2")).startsWith("16 ");
      assertThat(client.told("received held 2")).startsWith("16 ");
      assertGoesOn(client, "2");
    }
    assertThat(server.awaitQuiet().total("errors")).isZero();
  }

  private static void cut(Path file) throws IOException {
    try (var to = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
      to.truncate(LENGTH / 2);
    }
  }

  @Test
  void aFileThatIsGoneOrChangedWhenItsSessionMovesEndsTheStreamWithAnError() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkStreamClient client = client()) {
      Path deleted = file("deleted");
      Path longer = file("longer");
      Path same = file("same");
      client.says("file %s held deleted".formatted(deleted));
      client.says("file %s held longer".formatted(longer));
      client.says("file %s held same".formatted(same));
      assertGoesOn(client, "1");
      Files.delete(deleted);
      Files.writeString(longer, "more", StandardOpenOption.APPEND);
      assertThat(Moved.by(server, "reload").migrated()).isEqualTo(1);
      client.release();
      assertThat(client.told("service sent held deleted")).startsWith("16 ").contains("deleted");
      assertThat(client.told("received held deleted")).startsWith("16 ");
      assertThat(client.told("service sent held longer")).startsWith("16 ").contains("changed");
      assertThat(client.told("received held longer")).startsWith("16 ");
      assertThat(client.told("service sent held same")).isEqualTo("complete");
      assertThat(client.told("received held same")).isEqualTo(LinkBytes.sum(same));
      assertGoesOn(client, "2");
    }
    assertThat(server.awaitQuiet().total("errors")).isZero();
  }

  // ---- messages beside streams, in frames ----

  /** What a client of bytes has received of the server. */
  private static final class Received {
    private final Map<Long, Long> channels = new HashMap<>();
    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();
    private long all;

    /** Takes the next DATA frame; returns its channel. */
    long data(LinkWire wire) throws IOException {
      ByteBuffer body = ByteBuffer.wrap(wire.hears(DATA).body());
      long channel = number(body);
      int length = body.remaining();
      assertThat(channel == 0 || length <= CHUNK).as("%d bytes of %d", length, channel).isTrue();
      channels.merge(channel, (long) length, Long::sum);
      all += length;
      if (channel == 0) {
        messages.write(body.array(), body.position(), length);
      }
      return channel;
    }

    static long number(ByteBuffer from) {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = from.get();
        value |= (next & 0x7FL) << shift;
        if (next >= 0) {
          return value;
        }
      }
    }
  }

  @Test
  void aMessageIsSentBeforeAllStreamsThatWaitAndTheseTakeTurns() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkWire wire = new LinkWire(port, false).opens("streams")) {
      Received received = new Received();
      wire.says(frame(DEFINE, varint(0), LinkModule.TYPES.schema()));
      long asked = 0;
      for (int i = 0; i < STREAMS; i++) {
        asked += says(wire, "bytes %d 1 sum %d".formatted(LENGTH, i));
      }
      while (received.all < LinkWire.CREDIT_BYTES) {
        received.data(wire); // until the server may send nothing more
      }
      asked += says(wire, "pid 1");
      awaitGranted(wire, asked); // the answer is queued, and waits for credit as the streams do
      grantAll(wire, received);
      assertThat(received.data(wire)).as("the first that is sent is the message").isZero();
      assertThat(received.messages.toString(UTF_8)).contains("service pid 1: ");
      long before = -1;
      for (int i = 0; i < 4 * STREAMS; i++) {
        long channel = received.data(wire);
        assertThat(channel).as("streams take turns").isNotEqualTo(before).isPositive();
        before = channel;
      }
      wire.leaves().hears(GOODBYE);
    }
    assertThat(server.await("nobody is away", s -> s.total("away") == 0).total("errors")).isZero();
  }

  private static int says(LinkWire wire, String question) throws IOException {
    ByteBuffer payload =
        new TypedMessages<>(LinkModule.TYPES, LinkModule.TYPES)
            .encode(new LinkWords.Question(question), 1_000);
    byte[] of = new byte[payload.remaining()];
    payload.get(of);
    byte[] content = bytes(u8(0, 0), of);
    byte[] message = bytes(varint(content.length), content);
    wire.says(frame(DATA, varint(0), message));
    return message.length;
  }

  private static void awaitGranted(LinkWire wire, long consumed) throws IOException {
    ByteBuffer grant;
    do {
      grant = ByteBuffer.wrap(wire.hears(GRANT).body());
    } while (Received.number(grant) != 0 || Received.number(grant) < consumed);
  }

  /** Consumes all; the credit, which lets the server send, comes last. */
  private static void grantAll(LinkWire wire, Received received) throws IOException {
    for (Map.Entry<Long, Long> each : received.channels.entrySet()) {
      wire.says(frame(GRANT, varint(each.getKey()), varint(each.getValue())));
    }
    wire.says(frame(CREDIT, varint(received.all)));
  }
}
