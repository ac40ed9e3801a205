package io.baton.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.CodecSettings;
import io.baton.config.Settings.LaneKind;
import io.baton.config.SettingsFixture;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import io.baton.worker.codec.frame.FrameCodec;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.session.Route;
import io.baton.worker.session.TestRoutes;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Clients of all kinds exchange bytes while every connection moves to the other worker every 50 ms:
 * what they get is what they would get from one that never moves.
 */
@ExtendWith(NoLeaks.class)
final class MigrationStormTest {
  private static final Duration EVERY = Duration.ofMillis(50);

  /** 10 min at that pace, or 8 s. */
  private static final int ROUNDS = Nightly.of(12_000, 160);

  private static final int CLIENTS_OF_A_KIND = 5;
  private static final int RAW = 0;
  private static final int FRAME = 3;
  private static final int HTTP = 6;
  private static final int LANES = 3;

  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger exchanges = new AtomicInteger();
  private volatile boolean over;

  private static List<Route<?, ?>> routes(int worker) {
    CodecSettings.Http bounds = SettingsFixture.http("max-content-in-memory = 1m");
    List<Route<?, ?>> routes = new ArrayList<>();
    for (LaneKind lane : LaneKind.values()) {
      routes.add(TestRoutes.in(lane, new RawCodec(), Echo::new));
    }
    for (LaneKind lane : LaneKind.values()) {
      routes.add(TestRoutes.in(lane, new FrameCodec(1_048_576), Numbered::new));
    }
    for (LaneKind lane : LaneKind.values()) {
      routes.add(TestRoutes.in(lane, new HttpCodec(bounds, InstantSource.system()), Mirror::new));
    }
    return routes;
  }

  private static final class Echo implements Service<ByteBuf, ByteBuf> {
    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      session.send(message.retain());
    }
  }

  /** Writes its session's count into each message before it sends it back. */
  private static final class Numbered implements Service<ByteBuf, ByteBuf> {
    private int count;

    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      session.send(message.retain().setInt(message.readerIndex(), ++count));
    }

    @Override
    public byte[] save(Session<ByteBuf> session) {
      return ByteBuffer.allocate(Integer.BYTES).putInt(count).array();
    }

    @Override
    public void resumed(Session<ByteBuf> session, byte[] saved) {
      count = ByteBuffer.wrap(saved).getInt();
    }
  }

  /** Answers with what the request contains. */
  private static final class Mirror implements Service<FullHttpRequest, HttpObject> {
    @Override
    public void received(Session<HttpObject> session, FullHttpRequest request) {
      session.send(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.OK, request.content().retain()));
    }
  }

  /** A client's one conversation, for as long as the storm lasts. */
  private interface Conversation {
    void talk(InputStream in, OutputStream out, Random random) throws IOException;
  }

  private Thread start(SocketChannel socket, long seed, Conversation conversation) {
    return Thread.ofVirtual()
        .start(() -> {
          try (socket) {
            InputStream in = Channels.newInputStream(socket);
            OutputStream out = Channels.newOutputStream(socket);
            Random random = new Random(seed);
            while (!over) {
              conversation.talk(in, out, random);
              exchanges.incrementAndGet();
            }
          } catch (Throwable t) {
            failures.add(t);
          }
        });
  }

  private static void echo(InputStream in, OutputStream out, Random random) throws IOException {
    byte[] sent = new byte[1 + random.nextInt(20_000)];
    random.nextBytes(sent);
    int half = random.nextInt(sent.length);
    out.write(sent, 0, half);
    out.write(sent, half, sent.length - half);
    assertThat(in.readNBytes(sent.length)).isEqualTo(sent);
  }

  private static Conversation numbered() {
    int[] count = {0};
    return (in, out, random) -> {
      ByteBuffer message = ByteBuffer.allocate(2 * Integer.BYTES + random.nextInt(5_000));
      random.nextBytes(message.array());
      message.putInt(0, message.capacity() - Integer.BYTES).putInt(Integer.BYTES, 0);
      int cut = random.nextInt(message.capacity());
      out.write(message.array(), 0, cut);
      out.write(message.array(), cut, message.capacity() - cut);
      byte[] answer = in.readNBytes(message.capacity());
      message.putInt(Integer.BYTES, ++count[0]);
      assertThat(answer).isEqualTo(message.array());
    };
  }

  /** Some requests in a row, the last of them in two pieces. */
  private static void requests(InputStream in, OutputStream out, Random random) throws IOException {
    StringBuilder sent = new StringBuilder();
    List<String> bodies = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      String body = Long.toHexString(random.nextLong()).repeat(1 + random.nextInt(100));
      bodies.add(body);
      sent.append("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ")
          .append(body.length())
          .append("\r\n\r\n")
          .append(body);
    }
    byte[] all = sent.toString().getBytes(US_ASCII);
    int cut = random.nextInt(all.length);
    out.write(all, 0, cut);
    out.write(all, cut, all.length - cut);
    for (String body : bodies) {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int c = in.read();
        assertThat(c).as("the connection goes on").isNotNegative();
        head.append((char) c);
      }
      assertThat(head).startsWith("HTTP/1.1 200 OK\r\n");
      assertThat(new String(in.readNBytes(body.length()), US_ASCII)).isEqualTo(body);
    }
  }

  @Test
  @Timeout(1_200)
  void everyByteArrivesOnceAndInItsOrderThoughEveryConnectionMovesAllTheTime() throws Exception {
    Relay relay = new Relay("", MigrationStormTest::routes);
    List<Thread> clients = new ArrayList<>();
    long seed = Seeds.one(MigrationStormTest.class);
    for (int i = 0; i < CLIENTS_OF_A_KIND * LANES; i++, seed++) {
      int lane = i % LANES;
      clients.add(start(relay.client(0, RAW + lane), seed, MigrationStormTest::echo));
      clients.add(start(relay.client(0, FRAME + lane), seed, numbered()));
      clients.add(start(relay.client(1, HTTP + lane), seed, MigrationStormTest::requests));
    }
    for (int round = 0; round < ROUNDS && failures.isEmpty(); round++) {
      relay.allowAll(0);
      relay.allowAll(1);
      LockSupport.parkNanos(EVERY.toNanos());
    }
    int before = exchanges.get();
    relay.await(
        "all go on", () -> exchanges.get() > before + clients.size() || !failures.isEmpty());
    over = true;
    for (Thread client : clients) {
      client.join();
    }
    assertThat(failures).isEmpty();
    assertThat(relay.refusals).isEmpty();
    assertThat(relay.moved.get()).as("moves").isGreaterThan(ROUNDS * clients.size() / 4);
    System.out.printf(
        "%d moves of %d connections, %d exchanges%n",
        relay.moved.get(), clients.size(), exchanges.get());
    relay.close();
  }
}
