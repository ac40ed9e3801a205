package io.baton.link.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The vectors of docs/PROTOCOLS.md: what each side writes is what the file says, and each side
 * reads what the file says and not what the other has written.
 */
class VectorsTest {
  private static final byte[] TOKEN = "the token of the vectors".getBytes(US_ASCII);
  private static final Limits CLIENT = new Limits(4_096, 8_192, 16_384, 65_536);
  private static final Limits SERVER = new Limits(1_024, 2_048, 4_096, 65_536);

  private final Map<String, String> vectors = new LinkedHashMap<>();
  private final List<String> events = new ArrayList<>();

  @BeforeEach
  void readVectors() throws IOException {
    try (InputStream in = VectorsTest.class.getResourceAsStream("vectors.txt")) {
      assertThat(in).isNotNull();
      if (in != null) {
        for (String line : new String(in.readAllBytes(), UTF_8).lines().toList()) {
          int equals = line.indexOf(" = ");
          if (equals > 0 && !line.startsWith("#")) {
            vectors.put(line.substring(0, equals), line.substring(equals + 3).replace(" ", ""));
          }
        }
      }
    }
  }

  @Test
  void numbersAreTheVectors() throws LinkProtocolException {
    for (long value : new long[] {0, 1, 127, 128, 300, 16_383, 16_384, Long.MAX_VALUE}) {
      ByteBuffer bytes = written("varint " + value, new ByteSink().varint(value).toBytes());
      assertThat(Varint.read(bytes)).isEqualTo(value);
    }
  }

  @Test
  void sessionThatIsOpenedUsedResumedAndClosedIsTheVectors() {
    ClientHandshake client =
        ClientHandshake.open("chat", TOKEN, "me".getBytes(US_ASCII), CLIENT, counting(0x10));
    ServerHandshake server = new ServerHandshake(SERVER, counting(0x80));
    handshake("open", client, server, null);
    LinkCore c = client.core();
    LinkCore s = server.core();

    c.define(0, ByteBuffer.wrap(new byte[] {0x51, 0x52}));
    c.send(0, ByteBuffer.wrap("hello".getBytes(US_ASCII)));
    c.send(0, ByteBuffer.wrap("again".getBytes(US_ASCII)));
    carry("client defines and sends", c, s);
    s.define(7, ByteBuffer.wrap(new byte[] {0x53}));
    s.send(7, ByteBuffer.wrap(new byte[200]));
    s.consumed(8);
    s.grantAll();
    carry("server grants one and answers", s, c);
    int channel = c.streams().open("file", 3);
    c.streams().write(channel, ByteBuffer.wrap(new byte[] {1, 2, 3}));
    c.streams().end(channel, LinkCode.DONE.number());
    c.ping(0x0102030405060708L);
    carry("client pings and sends a stream", c, s);
    int opened = s.streams().open("", -1);
    s.pong(0x0102030405060708L, 5, 6);
    s.goAway(LinkCode.SHUTDOWN, 1_500);
    s.streams().read(1, ByteBuffer.allocate(8));
    carry("server settles it, opens one and tells its end", s, c);
    c.streams().stop(opened, LinkCode.TOO_MANY.number());
    carry("client stops the server's stream", c, s);

    c.send(0, ByteBuffer.wrap("lost".getBytes(US_ASCII)));
    c.write(ByteBuffer.allocate(1_000));
    ClientHandshake again =
        ClientHandshake.resume(c, TOKEN, "me".getBytes(US_ASCII), counting(0x30));
    written("superseded", bytes(s.superseded()));
    handshake("resume", again, new ServerHandshake(SERVER, counting(0xA0)), s);
    carry("client sends what was lost", c, s);
    carry("server ends its stream", s, c);
    c.close(LinkCode.BYE, "done");
    carry("client closes", c, s);
    carry("server answers", s, c);

    assertThat(c.isOver()).isTrue();
    assertThat(s.isOver()).isTrue();
    assertThat(events)
        .containsExactly(
            "defined 0 5152",
            "message 0 hello",
            "message 0 again",
            "defined 7 53",
            "message 7 of 200",
            "pinged 72623859790382856",
            "opened 1 file 3",
            "readable 1",
            "ended 1 DONE",
            "delivered 1",
            "ponged 72623859790382856 5 6",
            "going away SHUTDOWN 1500",
            "opened 2  -1",
            "stopped 2 TOO_MANY",
            "message 0 lost",
            "acknowledged 2",
            "ended 2 TOO_MANY",
            "delivered 2",
            "closed BYE done",
            "closed BYE ");
  }

  @Test
  void asksChannelsAndStoppedStreamsAreTheVectors() {
    ClientHandshake client =
        ClientHandshake.open("chat", TOKEN, "me".getBytes(US_ASCII), CLIENT, counting(0x10));
    ServerHandshake server = new ServerHandshake(SERVER, counting(0x80));
    handshake("open", client, server, null);
    LinkCore c = client.core();
    LinkCore s = server.core();
    c.define(0, ByteBuffer.wrap(new byte[] {0x51}));
    s.define(0, ByteBuffer.wrap(new byte[] {0x52}));

    int jobs = c.openMessages("jobs");
    c.send(jobs, 0, text("note"));
    c.ask(jobs, 0, text("how"));
    c.ask(0, 0, text("why"));
    carry("client opens a message channel and asks there and on 0", c, s);
    s.reply(jobs, 1, 0, text("so"));
    s.fail(0, 2, 300, "no idea");
    s.consumed(0, 7);
    s.consumed(jobs, 14);
    s.grantAll();
    carry("server replies and fails", s, c);
    c.ask(0, 0, text("who"));
    c.cancel(0, 3);
    c.streams().end(jobs, LinkCode.DONE.number());
    carry("client asks, cancels and ends its channel", c, s);
    carry("server answers the CANCEL and settles the channel", s, c);
    int file = c.streams().open("f", 1);
    c.streams().write(file, text("x"));
    c.streams().end(file, LinkCode.DONE.number());
    carry("client sends a stream", c, s);
    s.streams().stop(file, LinkCode.TOO_SLOW.number());
    carry("server stops it behind its END", s, c);
    carry("client sends END again", c, s);
    s.read(vector("client sends a stream with a wrong sum"), new Log());
    s.grantAll();
    ByteBuffer last = ByteBuffer.allocate(100);
    s.write(last);
    written("server settles the one and stops the other", bytes(last.flip()));

    assertThat(events)
        .containsExactly(
            "defined 0 51",
            "ASK 2 on 0: 0 why",
            "opened 1 jobs",
            "message on 1: 0 note",
            "ASK 1 on 1: 0 how",
            "defined 0 52",
            "acknowledged 1",
            "REPLY 1 on 0: 0 so",
            "FAILED 2 on 0: Failure[code=300, text=no idea]",
            "ASK 3 on 0: 0 who",
            "CANCEL 3 on 0",
            "ended 1 DONE",
            "delivered 1",
            "opened 3 f 1",
            "readable 3",
            "ended 3 DONE",
            "stopped 3 TOO_SLOW",
            "opened 5  -1",
            "readable 5",
            "ended 5 CORRUPT");
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private ByteBuffer vector(String name) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(String.valueOf(vectors.get(name))));
  }

  @Test
  void refusalWithProofsIsTheVector() {
    ClientHandshake client =
        ClientHandshake.open("chat", TOKEN, new byte[0], CLIENT, counting(0x10));
    ServerHandshake server = new ServerHandshake(SERVER, counting(0x80));
    server.read(written("refused HELLO", bytes(Handshakes.from(client))));
    byte[] current = "another token".getBytes(US_ASCII);
    server.refuse(LinkCode.RETRY_LATER, 250, "full", List.of(current, TOKEN));
    client.read(written("refused REFUSED", bytes(Handshakes.from(server))));
    assertThat(client.refusal()).isEqualTo(new Refusal(LinkCode.RETRY_LATER, 250, "full", true));
  }

  @Test
  void questionForTheServicesIsTheVector() {
    ServicesQuery query = new ServicesQuery("me".getBytes(US_ASCII));
    ByteBuffer asks = ByteBuffer.allocate(100);
    query.write(asks);
    ServerHandshake server = new ServerHandshake(SERVER, counting(0x80));
    server.read(written("services SERVICES", bytes(asks.flip())));
    server.services(List.of("chat", "größe"));
    query.read(written("services SERVICE_LIST", bytes(Handshakes.from(server))));
    assertThat(query.services()).containsExactly("chat", "größe");
  }

  private void handshake(
      String name, ClientHandshake client, ServerHandshake server, @Nullable LinkCore known) {
    server.read(written(name + " HELLO", bytes(Handshakes.from(client))));
    server.challenge(List.of(TOKEN), known);
    client.read(written(name + " CHALLENGE", bytes(Handshakes.from(server))));
    server.read(written(name + " PROOF", bytes(Handshakes.from(client))));
    if (known == null) {
      server.welcome("0123456789abcdef".getBytes(US_ASCII), 30_000);
    } else {
      server.welcome(30_000);
    }
    client.read(written(name + " WELCOME", bytes(Handshakes.from(server))));
  }

  private void carry(String name, LinkCore from, LinkCore to) {
    ByteBuffer bytes = ByteBuffer.allocate(2_000);
    from.write(bytes);
    to.read(written(name, bytes(bytes.flip())), new Log());
  }

  /** Compares what was written with the vector; returns the vector. */
  private ByteBuffer written(String name, byte[] bytes) {
    String hex = HexFormat.of().formatHex(bytes);
    assertThat(hex).as(name).isEqualTo(vectors.get(name));
    return vector(name);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** Random bytes that can be seen: first, first + 1 and so on. */
  private static RandomGenerator counting(int first) {
    return new RandomGenerator() {
      private int next = first;

      @Override
      public long nextLong() {
        throw new UnsupportedOperationException();
      }

      @Override
      public void nextBytes(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) next++;
        }
      }
    };
  }

  /** Both sides' events, one after the other. */
  private final class Log implements LinkEvents {
    @Override
    public boolean message(
        int channel, MessageKind kind, long ask, int types, ByteBuffer payload, int size) {
      int length = payload.remaining();
      String text =
          kind == MessageKind.FAILED
              ? String.valueOf(Failure.read(payload))
              : length < 10 ? new String(bytes(payload), US_ASCII) : "of " + length;
      if (kind == MessageKind.MESSAGE && channel == 0) {
        return events.add("message %d %s".formatted(types, text));
      }
      String what = kind == MessageKind.MESSAGE ? "message" : kind + " " + ask;
      String content =
          switch (kind) {
            case MESSAGE, ASK, REPLY -> ": " + types + " " + text;
            case FAILED -> ": " + text;
            case CANCEL -> "";
          };
      return events.add("%s on %d%s".formatted(what, channel, content));
    }

    @Override
    public void defined(int types, ByteBuffer schema) {
      events.add("defined %d %s".formatted(types, HexFormat.of().formatHex(bytes(schema))));
    }

    @Override
    public void closed(int code, String text) {
      events.add("closed %s %s".formatted(LinkCode.of(code), text));
    }

    @Override
    public void opened(int channel, String name, long length) {
      events.add("opened %d %s %d".formatted(channel, name, length));
    }

    @Override
    public void openedMessages(int channel, String name) {
      events.add("opened %d %s".formatted(channel, name));
    }

    @Override
    public void acknowledged(int channel) {
      events.add("acknowledged " + channel);
    }

    @Override
    public void delivered(int channel) {
      events.add("delivered " + channel);
    }

    @Override
    public void readable(int channel) {
      events.add("readable " + channel);
    }

    @Override
    public void ended(int channel, int code) {
      events.add("ended %d %s".formatted(channel, LinkCode.of(code)));
    }

    @Override
    public void stopped(int channel, int code) {
      events.add("stopped %d %s".formatted(channel, LinkCode.of(code)));
    }

    @Override
    public void pinged(long t1) {
      events.add("pinged " + t1);
    }

    @Override
    public void ponged(long t1, long t2, long t3) {
      events.add("ponged %d %d %d".formatted(t1, t2, t3));
    }

    @Override
    public void goingAway(LinkCode code, long comeBackMillis) {
      events.add("going away %s %d".formatted(code, comeBackMillis));
    }
  }
}
