package io.baton.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.CloseReason;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.line.LineCodec;
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
final class SendWhileMovingTest implements Migration.Owner {
  private final Bench<String, String> bench = new Bench<>(new LineCodec(100));
  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void connects() throws Exception {
    bench.open();
  }

  @AfterEach
  void disconnects() {
    bench.close();
  }

  @Override
  public void saved(Migration migration) {
    told.add("saved");
  }

  @Override
  public void unsaved(Migration migration, String reason) {
    told.add("unsaved");
  }

  @Override
  public void over(Migration migration) {
    told.add("over");
  }

  private Session<String> session() {
    return bench.probe.session();
  }

  /** Saved, and not given yet. */
  private Migration saved() {
    Migration migration = bench.host().sessions().all().getFirst().freeze(this);
    migration.begin();
    assertThat(told).containsExactly("saved");
    return migration;
  }

  private static void elsewhere(Runnable action) throws InterruptedException {
    Thread.ofPlatform().start(action).join();
  }

  private static String unsent(Migration migration) {
    return StandardCharsets.US_ASCII.decode(migration.state().orElseThrow().unsent()).toString();
  }

  @Test
  void whatIsSentWhileItIsSavedGoesOutAtOnceAndInOrder() throws Exception {
    Migration migration = saved();
    elsewhere(() -> session().send("a"));
    session().send("b"); // behind it, though it is the event loop that says it
    bench.channel.runPendingTasks();
    assertThat(bench.out()).isEqualTo("a\nb\n");
    migration.thaw();
    assertThat(bench.probe.events).containsExactly("opened");
  }

  @Test
  void whatTheClientDoesNotTakeOfItMovesAlong() {
    bench
        .channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void flush(ChannelHandlerContext ctx) {
                var buffer = bench.channel.unsafe().outboundBuffer();
                if (buffer != null) {
                  buffer.addFlush(); // as a kernel that has no room
                }
              }
            });
    Migration migration = saved();
    session().send("a");
    session().send("b");
    assertThat(migration.seal()).isTrue();
    assertThat(unsent(migration)).isEqualTo("a\nb\n");
    migration.moved();
    assertThat(session().send("late")).isFalse();
  }

  @Test
  void itDoesNotMoveBeforeWhatIsOnItsWayIsThere() throws Exception {
    Migration migration = saved();
    elsewhere(() -> assertThat(session().send("a")).isTrue());
    assertThat(migration.seal()).isFalse();
    assertThat(told).containsExactly("saved");
    bench.channel.runPendingTasks();
    assertThat(told).containsExactly("saved", "saved");
    assertThat(migration.seal()).isTrue();
    assertThat(bench.out()).isEqualTo("a\n");
    migration.moved();
  }

  @Test
  void aCloseThatIsOnItsWayEndsItHere() throws Exception {
    Migration migration = saved();
    elsewhere(() -> session().close(CloseReason.SERVICE));
    assertThat(migration.seal()).isFalse();
    bench.channel.runPendingTasks();
    assertThat(told).containsExactly("saved", "over");
    bench.clientEnds();
    assertThat(bench.probe.events).containsExactly("opened", "closed SERVICE");
  }

  /** Sends from another thread while it is being given; what came of it once that is known. */
  private boolean sendsWhileGiven(Runnable outcome) throws InterruptedException {
    AtomicReference<@Nullable Boolean> sent = new AtomicReference<>();
    Thread sender = Thread.ofPlatform().start(() -> sent.set(session().send("now")));
    assertThat(sent.get()).as("before it is known").isNull();
    outcome.run();
    sender.join();
    bench.channel.runPendingTasks();
    return Boolean.TRUE.equals(sent.get());
  }

  @Test
  void whoSendsWhileItIsGivenHearsThatItHasMoved() throws Exception {
    Migration migration = saved();
    assertThat(migration.seal()).isTrue();
    assertThat(sendsWhileGiven(migration::moved)).isFalse();
    assertThat(bench.out()).isEmpty();
  }

  @Test
  void whoSendsWhileItCannotBeGivenAfterAllIsHeard() throws Exception {
    Migration migration = saved();
    assertThat(migration.seal()).isTrue();
    assertThat(sendsWhileGiven(migration::unseal)).isTrue();
    assertThat(bench.out()).isEqualTo("now\n");
    migration.thaw();
  }

  @Test
  void whileItIsSavedItIsNotWritableAndHearsWhenItStays() {
    Migration migration = saved();
    assertThat(session().writable()).isFalse();
    migration.thaw();
    bench.channel.runPendingTasks();
    assertThat(session().writable()).isTrue();
    assertThat(bench.probe.events).containsExactly("opened", "writable");
  }
}
