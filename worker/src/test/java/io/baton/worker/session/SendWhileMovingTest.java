package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.CloseReason;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.migration.OutgoingMigration;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is sent to a session that is being moved goes out here, or moves along, or is refused. */
@ExtendWith(NoLeaks.class)
final class SendWhileMovingTest implements OutgoingMigration.Owner {
  private final SessionHarness<String, String> harness = new SessionHarness<>(new LineCodec(100));
  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void connects() throws Exception {
    harness.open();
  }

  @AfterEach
  void disconnects() {
    harness.close();
  }

  @Override
  public void saved(OutgoingMigration migration) {
    told.add("saved");
  }

  @Override
  public void unsaved(OutgoingMigration migration, String reason) {
    told.add("unsaved");
  }

  @Override
  public void over(OutgoingMigration migration) {
    told.add("over");
  }

  private Session<String> session() {
    return harness.probe.session();
  }

  /** Saved, and not given yet. */
  private OutgoingMigration saved() {
    OutgoingMigration migration = harness.context().sessions().all().getFirst().freeze(this);
    migration.begin();
    assertThat(told).containsExactly("saved");
    return migration;
  }

  private static void elsewhere(Runnable action) throws InterruptedException {
    Thread.ofPlatform().start(action).join();
  }

  private static String unsent(OutgoingMigration migration) {
    return StandardCharsets.US_ASCII.decode(migration.state().orElseThrow().unsent()).toString();
  }

  @Test
  void whatIsSentWhileItIsSavedGoesOutAtOnceAndInOrder() throws Exception {
    OutgoingMigration migration = saved();
    elsewhere(() -> session().send("a"));
    session().send("b"); // behind it, though it is the event loop that says it
    harness.channel.runPendingTasks();
    assertThat(harness.out()).isEqualTo("a\nb\n");
    migration.thaw();
    assertThat(harness.probe.events).containsExactly("opened");
  }

  @Test
  void whatTheClientDoesNotTakeOfItMovesAlong() {
    harness
        .channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void flush(ChannelHandlerContext ctx) {
                var buffer = harness.channel.unsafe().outboundBuffer();
                if (buffer != null) {
                  buffer.addFlush(); // as a kernel that has no room
                }
              }
            });
    OutgoingMigration migration = saved();
    session().send("a");
    session().send("b");
    assertThat(migration.seal()).isTrue();
    assertThat(unsent(migration)).isEqualTo("a\nb\n");
    migration.moved();
    assertThat(session().send("late")).isFalse();
  }

  @Test
  void itDoesNotMoveBeforeWhatIsOnItsWayIsThere() throws Exception {
    OutgoingMigration migration = saved();
    elsewhere(() -> assertThat(session().send("a")).isTrue());
    assertThat(migration.seal()).isFalse();
    assertThat(told).containsExactly("saved");
    harness.channel.runPendingTasks();
    assertThat(told).containsExactly("saved", "saved");
    assertThat(migration.seal()).isTrue();
    assertThat(harness.out()).isEqualTo("a\n");
    migration.moved();
  }

  @Test
  void aCloseThatIsOnItsWayEndsItHere() throws Exception {
    OutgoingMigration migration = saved();
    elsewhere(() -> session().close(CloseReason.SERVICE));
    assertThat(migration.seal()).isFalse();
    harness.channel.runPendingTasks();
    assertThat(told).containsExactly("saved", "over");
    harness.clientEnds();
    assertThat(harness.probe.events).containsExactly("opened", "closed SERVICE");
  }

  /** Sends from another thread while it is being given; what came of it once that is known. */
  private boolean sendsWhileGiven(Runnable outcome) throws InterruptedException {
    AtomicReference<@Nullable Boolean> sent = new AtomicReference<>();
    Thread sender = Thread.ofPlatform().start(() -> sent.set(session().send("now")));
    assertThat(sent.get()).as("before it is known").isNull();
    outcome.run();
    sender.join();
    harness.channel.runPendingTasks();
    return Boolean.TRUE.equals(sent.get());
  }

  @Test
  void whoSendsWhileItIsGivenHearsThatItHasMoved() throws Exception {
    OutgoingMigration migration = saved();
    assertThat(migration.seal()).isTrue();
    assertThat(sendsWhileGiven(migration::moved)).isFalse();
    assertThat(harness.out()).isEmpty();
  }

  @Test
  void whoSendsWhileItCannotBeGivenAfterAllIsHeard() throws Exception {
    OutgoingMigration migration = saved();
    assertThat(migration.seal()).isTrue();
    assertThat(sendsWhileGiven(migration::unseal)).isTrue();
    assertThat(harness.out()).isEqualTo("now\n");
    migration.thaw();
  }

  @Test
  void whileItIsSavedItIsNotWritableAndHearsWhenItStays() {
    OutgoingMigration migration = saved();
    assertThat(session().writable()).isFalse();
    migration.thaw();
    harness.channel.runPendingTasks();
    assertThat(session().writable()).isTrue();
    assertThat(harness.probe.events).containsExactly("opened", "writable");
  }
}
