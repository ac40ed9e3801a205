package io.baton.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.config.Settings.LaneKind;
import io.baton.mesh.MeshMessage;
import io.baton.service.CloseReason;
import io.baton.service.Member;
import io.baton.service.Presence;
import io.baton.service.Principal;
import io.baton.service.Publication;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.SessionId;
import io.baton.service.Subscriber;
import io.baton.service.Topics;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.delivery.LatePublisher;
import io.baton.worker.delivery.ModuleTopics;
import io.baton.worker.module.OfModule;
import io.baton.worker.session.Route;
import io.baton.worker.session.TestRoutes;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions of real workers that publish and subscribe. */
@Timeout(30)
@ExtendWith(NoLeaks.class)
final class TopicsTest {
  private static final List<LaneKind> LANES = List.of(LaneKind.values());
  private static final int DEAF = LANES.size();
  private static final int SLOW = DEAF + 1; // and one for each other lane
  private static final int RENAMED = SLOW + LANES.size(); // likewise
  private static final ClassLoader LOADER = TopicsTest.class.getClassLoader();

  private final LatePublisher[] publishers = {new LatePublisher(), new LatePublisher()};
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final List<SocketChannel> clients = new ArrayList<>();
  private final Semaphore publishedGate = new Semaphore(0);
  private final Semaphore saveGate = new Semaphore(0);
  private final AtomicReference<@Nullable Session<String>> slow = new AtomicReference<>();
  private final Relay relay;

  TopicsTest() throws Exception {
    relay = new Relay("", this::routes);
    for (int worker = 0; worker < publishers.length; worker++) {
      publishers[worker].begin(relay.worker(worker).topics());
    }
  }

  @AfterEach
  void close() throws Exception {
    for (SocketChannel each : clients) {
      each.close();
    }
    relay.close();
  }

  private List<Route<?, ?>> routes(int worker) {
    Topics topics = ModuleTopics.of("test", publishers[worker]);
    List<Route<?, ?>> all = new ArrayList<>();
    for (LaneKind lane : LANES) {
      all.add(
          TestRoutes.in(
              lane, new LineCodec(200), OfModule.of(() -> new Room(topics), "test", LOADER)));
    }
    all.add(TestRoutes.in(LaneKind.LOOP, new LineCodec(200), Deaf::new));
    for (LaneKind lane : LANES) {
      all.add(
          TestRoutes.in(
              lane, new LineCodec(200), OfModule.of(() -> new Slow(topics), "test", LOADER)));
    }
    for (LaneKind lane : LANES) {
      String module = worker == 0 ? "test" : "a-module-of-a-longer-name";
      all.add(
          TestRoutes.in(
              lane, new LineCodec(200), OfModule.of(() -> new Room(topics), module, LOADER)));
    }
    return all;
  }

  /**
   * Does what its client says: {@code + TOPIC}, {@code - TOPIC} or {@code TOPIC MESSAGE}; {@code ~
   * TEXT} enters the topic room and says something about itself, {@code ? TOPIC} asks who is there,
   * {@code !} makes it addressable, and {@code > ID MESSAGE} sends to a session.
   */
  private class Room implements Service<String, String>, Subscriber<String> {
    private final Topics topics;

    Room(Topics topics) {
      this.topics = topics;
    }

    @Override
    public void received(Session<String> session, String line) {
      String[] words = line.split(" ", 2);
      switch (words[0]) {
        case "+" -> {
          session.subscribe(words[1]);
          session.send("ok");
        }
        case "-" -> {
          session.unsubscribe(words[1]);
          session.send("ok");
        }
        case "~" -> {
          session.subscribe("room", words[1]);
          session.send("ok");
        }
        case "?" -> topics.present(words[1]).thenAccept(all -> session.send(text(all)));
        case "!" -> {
          session.addressable();
          session.send(session.id().toString());
        }
        case ">" -> {
          String[] rest = words[1].split(" ", 2);
          topics
              .send(new SessionId(Long.parseLong(rest[0], 36)), rest[1].getBytes(UTF_8))
              .thenAccept(sent -> session.send("sent " + sent));
        }
        default -> assertThat(topics.publish(words[0], words[1].getBytes(UTF_8))).isTrue();
      }
    }

    @Override
    public void published(Session<String> session, Publication publication) {
      String text = new String(publication.message(), UTF_8);
      if (text.equals("throw")) {
        throw new IllegalStateException("as it was told");
      }
      if (text.startsWith("rally")) {
        rally(publication.topic(), text.substring("rally".length()));
        return;
      }
      session.send(publication.topic() + ": " + text);
      if (text.equals("ping")) {
        topics.publish(publication.topic(), "pong".getBytes(UTF_8));
      }
    }

    /** Answers a rally with more than are handed out one by one. */
    private void rally(String from, String to) {
      for (int i = 0; !to.isEmpty() && i < 100; i++) {
        topics.publish(to, (i == 0 ? "rally" + from : "rally").getBytes(UTF_8));
      }
    }

    private static String text(Presence all) {
      List<String> names = all.members().stream().map(Member::about).sorted().toList();
      return names + (all.isWhole() ? "" : " and others");
    }

    @Override
    public void sent(Session<String> session, byte[] message) {
      session.send("for me: " + new String(message, UTF_8));
    }

    @Override
    public void missed(Session<String> session, String topic, long count) {
      session.send(topic + " missed " + count);
    }

    @Override
    public void closed(Session<String> session, CloseReason why) {
      events.add("closed " + why);
    }
  }

  /** Waits in callbacks until the test lets it go on. */
  private final class Slow extends Room {
    Slow(Topics topics) {
      super(topics);
    }

    @Override
    public boolean opened(Session<String> session) {
      slow.set(session);
      return true;
    }

    @Override
    public void published(Session<String> session, Publication publication) {
      publishedGate.acquireUninterruptibly();
      super.published(session, publication);
    }

    @Override
    public byte[] save(Session<String> session) {
      events.add("saves");
      saveGate.acquireUninterruptibly();
      return NOTHING;
    }
  }

  /** Subscribes, and is no subscriber. */
  private final class Deaf implements Service<String, String> {
    @Override
    public void received(Session<String> session, String line) {
      try {
        session.subscribe(line);
      } catch (IllegalStateException | IllegalArgumentException e) {
        events.add(String.valueOf(e.getMessage()));
      }
    }
  }

  private TwoWorkers.LineClient client(int worker, int listener) throws Exception {
    SocketChannel socket = relay.client(worker, listener);
    clients.add(socket);
    return new TwoWorkers.LineClient(socket, null);
  }

  private TwoWorkers.LineClient subscriber(LaneKind lane, String topic) throws Exception {
    TwoWorkers.LineClient client = client(0, LANES.indexOf(lane));
    assertThat(client.says("+ " + topic).hears()).isEqualTo("ok");
    return client;
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void whatASessionPublishesReachesAllWhoHaveSubscribed(LaneKind lane) throws Exception {
    TwoWorkers.LineClient one = subscriber(lane, "room");
    TwoWorkers.LineClient other = subscriber(lane, "room");
    TwoWorkers.LineClient elsewhere = subscriber(lane, "hall");
    for (int i = 0; i < 1_000; i++) {
      one.says("room " + i);
      assertThat(one.hears()).isEqualTo("room: " + i);
      assertThat(other.hears()).isEqualTo("room: " + i);
    }
    one.says("hall last");
    assertThat(elsewhere.hears()).isEqualTo("hall: last");
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void aServiceMayPublishWhileItIsCalledWithAPublication(LaneKind lane) throws Exception {
    TwoWorkers.LineClient one = subscriber(lane, "room");
    one.says("room ping");
    assertThat(one.hears()).isEqualTo("room: ping");
    assertThat(one.hears()).isEqualTo("room: pong");
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void sessionsThatAnswerEachOtherWithoutEndKeepNobodyFromBeingServed(LaneKind lane)
      throws Exception {
    TwoWorkers.LineClient one = subscriber(lane, "here");
    subscriber(lane, "there");
    one.says("here rallythere");
    for (int i = 0; i < 10; i++) {
      assertThat(client(0, LANES.indexOf(lane)).says("+ other").hears()).isEqualTo("ok");
    }
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void afterUnsubscribingNothingComes(LaneKind lane) throws Exception {
    TwoWorkers.LineClient one = subscriber(lane, "room");
    TwoWorkers.LineClient other = subscriber(lane, "room");
    assertThat(other.says("- room").hears()).isEqualTo("ok");
    one.says("room 1");
    assertThat(one.hears()).isEqualTo("room: 1");
    assertThat(other.says("+ room").hears()).isEqualTo("ok");
    one.says("room 2");
    assertThat(other.hears()).isEqualTo("room: 2");
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void aCallbackThatThrowsEndsItsSessionAndNoOther(LaneKind lane) throws Exception {
    TwoWorkers.LineClient one = subscriber(lane, "room");
    TwoWorkers.LineClient other = subscriber(lane, "hall");
    one.says("room throw");
    assertThat(one.hears()).isNull();
    assertThat(events.take()).isEqualTo("closed ERROR");
    other.says("hall 1");
    assertThat(other.hears()).isEqualTo("hall: 1");
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void sessionsOfAnotherWorkerGetThemToo(LaneKind lane) throws Exception {
    TwoWorkers.LineClient there = client(1, LANES.indexOf(lane));
    assertThat(there.says("+ room").hears()).isEqualTo("ok");
    AtomicBoolean heard = new AtomicBoolean();
    Thread publisher =
        Thread.ofPlatform()
            .start(() -> {
              while (!heard.get()) { // its worker has to hear of the wish first
                publishers[0].publish("test\0room", "news".getBytes(UTF_8));
                LockSupport.parkNanos(1_000_000);
              }
            });
    assertThat(there.hears()).isEqualTo("room: news");
    heard.set(true);
    publisher.join();
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void aSessionThatMovesGetsEachOnceAndInOrder(LaneKind lane) throws Exception {
    TwoWorkers.LineClient mover = subscriber(lane, "room");
    AtomicIntegerArray heard = new AtomicIntegerArray(new int[] {-1, -1}); // of each publisher
    Thread publisher =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; relay.moved.get() < 8 || i < 2_000; i++) {
                publishers[i % 2].publish("test\0room", ("" + i).getBytes(UTF_8));
                LockSupport.parkNanos(20_000);
                while (heard.get(i % 2) >= 0 && i - heard.get(i % 2) > 100) { // 256 may wait
                  LockSupport.parkNanos(20_000);
                }
              }
              publishers[0].publish("test\0room", "end".getBytes(UTF_8));
              publishers[1].publish("test\0room", "end".getBytes(UTF_8));
            });
    Thread relocations =
        Thread.ofPlatform()
            .start(() -> {
              for (int from = 0; publisher.isAlive(); from = 1 - from) {
                try {
                  relay.moveAll(from);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              }
            });
    int[] next = {-2, -1};
    for (int ends = 0; ends < 2; ) {
      String line = String.valueOf(mover.hears());
      if (line.equals("room: end")) {
        ends++;
        continue;
      }
      assertThat(line).startsWith("room: ");
      int number = Integer.parseInt(line.substring("room: ".length()));
      int publishing = number % 2;
      heard.set(publishing, number);
      if (next[publishing] >= 0) {
        assertThat(number).isEqualTo(next[publishing]);
      }
      next[publishing] = number + 2;
    }
    publisher.join();
    relocations.join();
    assertThat(relay.moved.get()).isGreaterThanOrEqualTo(8);
  }

  /** Waits until the first worker has come to all that was published before. */
  private void routed() throws Exception {
    assertThat(client(0, LANES.indexOf(LaneKind.LOOP)).says("+ other").hears()).isEqualTo("ok");
  }

  @ParameterizedTest
  @EnumSource(value = LaneKind.class, names = "LOOP", mode = EnumSource.Mode.EXCLUDE)
  void aSlowSessionIsToldOfItsLossesBeforeItMoves(LaneKind lane) throws Exception {
    saveGate.release(1_000);
    TwoWorkers.LineClient client = client(0, SLOW + LANES.indexOf(lane));
    assertThat(client.says("+ room").hears()).isEqualTo("ok");
    for (int i = 0; i < 300; i++) {
      publishers[0].publish("test\0room", ("" + i).getBytes(UTF_8));
    }
    routed();
    relay.allowAll(0);
    relay.await("the other client has moved", () -> relay.moved.get() == 1);
    publishedGate.release(1_000);
    for (int i = 0; i < 256; i++) {
      assertThat(client.hears()).isEqualTo("room: " + i);
    }
    assertThat(client.hears()).isEqualTo("room missed 44");
    relay.await("it has moved", () -> relay.moved.get() == 2);
    assertThat(client.says("+ other").hears()).isEqualTo("ok");
  }

  @ParameterizedTest
  @EnumSource(value = LaneKind.class, names = "LOOP", mode = EnumSource.Mode.EXCLUDE)
  void aFirstSubscriptionWhileTheSessionIsSavedMovesWithIt(LaneKind lane) throws Exception {
    publishedGate.release(1_000);
    TwoWorkers.LineClient client = client(0, SLOW + LANES.indexOf(lane));
    relay.await("it is opened", () -> slow.get() != null);
    relay.allowAll(0);
    assertThat(events.take()).isEqualTo("saves");
    requireNonNull(slow.get()).subscribe("room");
    routed();
    publishers[0].publish("test\0room", "kept".getBytes(UTF_8));
    routed();
    saveGate.release(1_000);
    assertThat(client.hears()).isEqualTo("room: kept");
    relay.await("it has moved", () -> relay.moved.get() > 0);
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void topicsOfAModuleThatHasAnotherNameNowAreLeft(LaneKind lane) throws Exception {
    TwoWorkers.LineClient client = client(0, RENAMED + LANES.indexOf(lane));
    assertThat(client.says("+ room").hears()).isEqualTo("ok");
    relay.moveAll(0);
    for (LatePublisher each : publishers) {
      each.publish("test\0room", "old".getBytes(UTF_8));
    }
    assertThat(client.says("+ hall").hears()).isEqualTo("ok");
    publishers[1].publish("a-module-of-a-longer-name\0hall", "new".getBytes(UTF_8));
    assertThat(client.hears()).isEqualTo("hall: new");
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void whoIsInATopicIsKnownInAllWorkersWhileSessionsMove(LaneKind lane) throws Exception {
    TwoWorkers.LineClient anna = client(0, LANES.indexOf(lane));
    TwoWorkers.LineClient ben = client(1, LANES.indexOf(lane));
    assertThat(anna.says("~ Anna").hears()).isEqualTo("ok");
    assertThat(ben.says("~ Ben").hears()).isEqualTo("ok");
    assertThat(anna.says("? room").hears()).isEqualTo("[Anna, Ben]");
    relay.allowAll(0);
    while (relay.moved.get() == 0) {
      assertThat(ben.says("? room").hears()).isEqualTo("[Anna, Ben]");
    }
    assertThat(ben.says("? room").hears()).isEqualTo("[Anna, Ben]");
    assertThat(anna.says("~ Annabel").hears()).isEqualTo("ok");
    assertThat(anna.says("? room").hears()).isEqualTo("[Annabel, Ben]");
    assertThat(ben.says("- room").hears()).isEqualTo("ok");
    assertThat(anna.says("? room").hears()).isEqualTo("[Annabel]");
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void aMessageToASessionReachesItWhereverItIs(LaneKind lane) throws Exception {
    TwoWorkers.LineClient anna = client(0, LANES.indexOf(lane));
    TwoWorkers.LineClient ben = client(1, LANES.indexOf(lane));
    assertThat(ben.says("> 1 hello").hears()).isEqualTo("sent false");
    String id = String.valueOf(anna.says("!").hears());
    String answer = "sent false";
    while (answer.equals("sent false")) { // the other worker has to hear of it first
      answer = String.valueOf(ben.says("> " + id + " one").hears());
    }
    assertThat(answer).isEqualTo("sent true");
    assertThat(anna.hears()).isEqualTo("for me: one");
    relay.moveAll(0);
    assertThat(ben.says("> " + id + " two").hears()).isEqualTo("sent true");
    assertThat(anna.hears()).isEqualTo("for me: two");
  }

  @Test
  void theTopicOfAUserOfAnyNameFitsAndCannotBeNamedByAService() {
    String longest = "a".repeat(Principal.MAX_NAME_BYTES);
    for (String name : List.of("anna", "b", longest, "é".repeat(75), "é".repeat(76))) {
      String topic = ModuleTopics.user(ModuleTopics.prefix("m".repeat(64)), name);
      assertThat(topic.getBytes(UTF_8)).hasSizeLessThanOrEqualTo(MeshMessage.MAX_TOPIC_BYTES);
      assertThatThrownBy(() -> Topics.requireName(topic.substring(65)))
          .hasMessageContaining("control");
    }
  }

  @Test
  void aNameThatIsNoTextInUtf8IsRefused() {
    assertThatThrownBy(() -> Topics.requireName("\uD800"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a topic's name has no half of a surrogate pair");
    assertThatThrownBy(() -> Topics.requireName("")).hasMessageContaining("1 to 190 bytes");
    assertThatThrownBy(() -> Topics.requireName("é".repeat(96))).hasMessageContaining("192");
    assertThatThrownBy(() -> Topics.requireName("a\nb")).hasMessageContaining("control");
    assertThat(Topics.requireName("room/😀")).isEqualTo("room/😀");
  }

  @Test
  void aServiceThatIsNoSubscriberIsTold() throws Exception {
    client(0, DEAF).says("room");
    assertThat(events.take())
        .isEqualTo(Deaf.class.getName() + " subscribes, but is no " + Subscriber.class.getName());
  }

  @Test
  void oneTopicTooManyEndsTheSession() throws Exception {
    TwoWorkers.LineClient one = subscriber(LaneKind.LOOP, "0");
    for (int i = 1; i < 1_000; i++) {
      assertThat(one.says("+ " + i).hears()).isEqualTo("ok");
    }
    assertThat(one.says("+ 1").hears()).as("the same again").isEqualTo("ok");
    one.says("+ 1000");
    assertThat(events.take()).isEqualTo("closed ERROR");
  }

  @Test
  void otherModulesTopicsOfTheSameNameAreOthers() throws Exception {
    TwoWorkers.LineClient one = subscriber(LaneKind.LOOP, "room");
    assertThat(ModuleTopics.of("other", publishers[0]).publish("room", new byte[] {'x'})).isTrue();
    one.says("room 1");
    assertThat(one.hears()).isEqualTo("room: 1");
  }
}
