package io.baton.worker.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.Publication;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.Subscriber;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.delivery.TopicPublisher;
import io.baton.worker.migration.OutgoingMigration;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Publications that are relayed to a session which was asked to move, and stays. */
@ExtendWith(NoLeaks.class)
final class RelayWhileMovingTest implements OutgoingMigration.Owner {
  private final StepLane lane = new StepLane();
  private final SessionHarness<String, String> harness =
      new SessionHarness<>(TestRoutes.of("test", new LineCodec(100), Room::new), lane);
  private @Nullable Session<String> session;

  /** Is in the room, and says what it missed. */
  private final class Room implements Service<String, String>, Subscriber<String> {
    @Override
    public boolean opened(Session<String> session) {
      session.subscribe("room");
      RelayWhileMovingTest.this.session = session;
      return true;
    }

    @Override
    public void received(Session<String> session, String line) {
      session.send(line);
    }

    @Override
    public void published(Session<String> session, Publication publication) {
      throw new AssertionError("it is relayed");
    }

    @Override
    public void missed(Session<String> session, String topic, long count) {
      session.send("missed " + count);
    }

    @Override
    public byte[] save(Session<String> session) {
      return new byte[0];
    }

    @Override
    public void resumed(Session<String> session, byte[] saved) {}
  }

  @BeforeEach
  void enters() {
    harness.open();
    harness.settle();
    publisher().relay("room", String.class, message -> new String(message, UTF_8));
  }

  @AfterEach
  void leaves() {
    harness.close();
  }

  private TopicPublisher publisher() {
    return harness.context().topics().publisher();
  }

  private Session<String> session() {
    return Objects.requireNonNull(session);
  }

  private void route(String text) {
    assertThat(publisher().publish("room", text.getBytes(UTF_8))).isTrue();
  }

  /** Publishes, and lets the event loop hand out what is published; the lane does nothing. */
  private void publish(String text) {
    route(text);
    harness.channel.runPendingTasks();
  }

  @Override
  public void saved(OutgoingMigration migration) {}

  @Override
  public void unsaved(OutgoingMigration migration, String reason) {
    throw new AssertionError(reason);
  }

  @Override
  public void over(OutgoingMigration migration) {}

  /** It is asked to move; its service has not saved yet. */
  private OutgoingMigration frozen() {
    OutgoingMigration migration = harness.context().sessions().all().getFirst().freeze(this);
    migration.begin();
    return migration;
  }

  /** Its service has saved; it is not given yet. */
  private OutgoingMigration saved() {
    OutgoingMigration migration = frozen();
    harness.settle();
    return migration;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 200})
  void aSessionThatStaysGetsAllBeforeItsLaneKnowsThat(int count) {
    OutgoingMigration migration = saved();
    IntStream.range(0, count).forEach(n -> publish("" + n));
    assertThat(harness.out()).isEmpty();
    migration.thaw();
    harness.channel.runPendingTasks();
    publish("and more");
    assertThat(harness.out()).isEqualTo(lines(count) + "and more\n");
    harness.settle();
    assertThat(harness.out()).isEmpty();
  }

  private static String lines(int count) {
    return IntStream.range(0, count).mapToObj(n -> n + "\n").collect(Collectors.joining());
  }

  @Test
  void aSessionThatIsAskedAgainBeforeItsLaneKnowsThatItStaysGetsAllOnce() {
    OutgoingMigration first = saved();
    publish("a");
    first.thaw();
    OutgoingMigration second = frozen();
    publish("b");
    harness.settle();
    publish("c");
    second.thaw();
    harness.settle();
    assertThat(harness.out()).isEqualTo("a\nb\nc\n");
  }

  @Test
  void whatIsOnItsWayFromTheServiceLeavesRoomForMany() throws Exception {
    Thread.ofPlatform().start(() -> session().send("x")).join();
    IntStream.range(0, 100).forEach(n -> route("" + n));
    harness.settle();
    assertThat(harness.out().lines().filter(line -> !line.equals("x")))
        .containsExactlyElementsOf(lines(100).lines().toList());
  }
}
