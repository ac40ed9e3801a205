package io.baton.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.config.Settings.LaneKind;
import io.baton.service.Publication;
import io.baton.service.Replaying;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.Subscriber;
import io.baton.service.Topics;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.delivery.LatePublisher;
import io.baton.worker.delivery.ModuleTopics;
import io.baton.worker.module.OfModule;
import io.baton.worker.session.Route;
import io.baton.worker.session.TestRoutes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Publications that real workers send to sessions as messages. */
@Timeout(30)
@ExtendWith(NoLeaks.class)
final class RelayedTopicsTest {
  private static final List<LaneKind> LANES = List.of(LaneKind.values());
  private static final int KEEPING = LANES.size();
  private static final int RAW = KEEPING + 1;
  private static final int MANY = 50;

  private final LatePublisher[] publishers = {new LatePublisher(), new LatePublisher()};
  private final List<SocketChannel> clients = new ArrayList<>();
  private final AtomicInteger encoded = new AtomicInteger();
  private final Topics topics = ModuleTopics.of("test", publishers[0]);
  private final Relay relay;

  RelayedTopicsTest() throws Exception {
    topics.relay("room", String.class, this::line); // before the worker is up, as modules do
    relay = new Relay("", this::routes);
    for (int worker = 0; worker < publishers.length; worker++) {
      publishers[worker].begin(relay.worker(worker).topics());
    }
    topics.relay("room", ByteBuf.class, this::bytes);
  }

  private String line(byte[] message) {
    String text = new String(message, UTF_8);
    encoded.incrementAndGet();
    if (text.equals("throw")) {
      throw new IllegalStateException("as it was told");
    }
    return "relayed " + text;
  }

  private ByteBuf bytes(byte[] message) {
    encoded.incrementAndGet();
    return Unpooled.buffer().writeBytes(message).writeByte('\n');
  }

  @AfterEach
  void close() throws Exception {
    for (SocketChannel each : clients) {
      each.close();
    }
    relay.close();
  }

  private List<Route<?, ?>> routes(int worker) {
    ClassLoader loader = getClass().getClassLoader();
    List<Route<?, ?>> all = new ArrayList<>();
    for (LaneKind lane : LANES) {
      all.add(TestRoutes.in(lane, new LineCodec(200), OfModule.of(Room::new, "test", loader)));
    }
    all.add(
        TestRoutes.in(
            LaneKind.LOOP, new LineCodec(200), OfModule.of(KeepingRoom::new, "test", loader)));
    all.add(
        TestRoutes.in(LaneKind.LOOP, new RawCodec(), OfModule.of(RawRoom::new, "test", loader)));
    return all;
  }

  /** Is in the room, and answers. */
  private static class Room implements Service<String, String>, Subscriber<String> {
    @Override
    public boolean opened(Session<String> session) {
      session.subscribe("room");
      return true;
    }

    @Override
    public void received(Session<String> session, String line) {
      session.send("ok");
    }

    @Override
    public void published(Session<String> session, Publication publication) {
      session.send("called " + new String(publication.message(), UTF_8));
    }

    @Override
    public void missed(Session<String> session, String topic, long count) {
      session.send(topic + " missed " + count);
    }

    @Override
    public byte[] save(Session<String> session) {
      return NOTHING;
    }

    @Override
    public void resumed(Session<String> session, byte[] saved) {}
  }

  /** Has to know of all that its client gets. */
  private static final class KeepingRoom extends Room implements Replaying<String> {
    @Override
    public void away(Session<String> session) {}

    @Override
    public void back(Session<String> session, OptionalLong last) {}
  }

  private static final class RawRoom implements Service<ByteBuf, ByteBuf>, Subscriber<ByteBuf> {
    @Override
    public boolean opened(Session<ByteBuf> session) {
      session.subscribe("room");
      return true;
    }

    @Override
    public void received(Session<ByteBuf> session, ByteBuf bytes) {
      session.send(bytes.retain());
    }

    @Override
    public void published(Session<ByteBuf> session, Publication publication) {
      throw new AssertionError("it is relayed");
    }
  }

  private TwoWorkers.LineClient client(int worker, int listener) throws Exception {
    SocketChannel socket = relay.client(worker, listener);
    clients.add(socket);
    TwoWorkers.LineClient client = new TwoWorkers.LineClient(socket, null);
    assertThat(client.says("ok").hears()).isEqualTo("ok");
    return client;
  }

  private void publish(String text) {
    while (!publishers[0].publish("test\0room", text.getBytes(UTF_8))) {
      LockSupport.parkNanos(100_000); // too much is waiting for the event loop
    }
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void aPublicationIsEncodedOnceForAllSessions(LaneKind lane) throws Exception {
    List<TwoWorkers.LineClient> all = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      all.add(client(0, LANES.indexOf(lane)));
    }
    for (int n = 0; n < 20; n++) {
      publish("" + n);
    }
    for (TwoWorkers.LineClient each : all) {
      for (int n = 0; n < 20; n++) {
        assertThat(each.hears()).isEqualTo("relayed " + n);
      }
    }
    assertThat(encoded).hasValue(20);
  }

  @Test
  void whatIsCountedIsEncodedOnceAndReleased() throws Exception {
    List<TwoWorkers.LineClient> all = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      all.add(client(0, RAW));
    }
    publish("bytes");
    for (TwoWorkers.LineClient each : all) {
      assertThat(each.hears()).isEqualTo("bytes");
    }
    assertThat(encoded).hasValue(1); // NoLeaks counts the buffers
  }

  @Test
  void sessionsOfSeveralCodecsGetItEncodedOnceForEachCodec() throws Exception {
    List<TwoWorkers.LineClient> all = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      all.add(client(0, i % 2 == 0 ? RAW : 0));
    }
    publish("x");
    for (int i = 0; i < MANY; i++) {
      assertThat(all.get(i).hears()).isEqualTo(i % 2 == 0 ? "x" : "relayed x");
    }
    assertThat(encoded).hasValue(2);
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void aSlowSessionIsToldHowManyItMissedAndDelaysNoOther(LaneKind lane) throws Exception {
    TwoWorkers.LineClient slow = client(0, LANES.indexOf(lane));
    TwoWorkers.LineClient fast = client(0, LANES.indexOf(lane));
    int published = 400;
    for (int i = 0; i < published; i++) {
      publish("x".repeat(60_000) + i);
      assertThat(fast.hears()).startsWith("relayed xxx").endsWith("x" + i);
    }
    int received = 0;
    int missed = 0;
    while (received + missed < published) {
      String line = String.valueOf(slow.hears());
      if (line.startsWith("room missed ")) {
        missed += Integer.parseInt(line.substring("room missed ".length()));
      } else {
        assertThat(line).startsWith("relayed xxx");
        received++;
      }
    }
    assertThat(received + missed).isEqualTo(published);
    assertThat(missed).isPositive();
    publish("y");
    assertThat(slow.hears()).isEqualTo("relayed y");
  }

  @Test
  void aServiceThatReplaysIsCalledInstead() throws Exception {
    TwoWorkers.LineClient keeping = client(0, KEEPING);
    publish("x");
    assertThat(keeping.hears()).isEqualTo("called x");
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void aWorkerThatWasNotToldToRelayCallsTheService(LaneKind lane) throws Exception {
    TwoWorkers.LineClient one = client(0, LANES.indexOf(lane));
    publish("here");
    assertThat(one.hears()).isEqualTo("relayed here");
    relay.moveAll(0);
    publish("there");
    assertThat(one.hears()).isEqualTo("called there");
  }

  @Test
  void aFunctionThatThrowsEndsTheSessions() throws Exception {
    TwoWorkers.LineClient one = client(0, 0);
    TwoWorkers.LineClient other = client(0, 0);
    publish("throw");
    assertThat(one.hears()).isNull();
    assertThat(other.hears()).isNull();
    TwoWorkers.LineClient next = client(0, 0);
    publish("x");
    assertThat(next.hears()).isEqualTo("relayed x");
  }

  @Test
  void tooManyRelaysAreRefused() {
    assertThatThrownBy(
            () -> {
              for (int i = 0; i <= 100_000; i++) {
                topics.relay("topic " + i, String.class, this::line);
              }
            })
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a worker relays 100000 topics at most");
    topics.relay("room", String.class, bytes -> "again"); // replaces one
  }
}
