package io.baton.worker.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class IncomingMigrationTest implements IncomingMigration.Session {
  private static final long TIMEOUT_MS = 5_000;
  private static final ByteBuffer SAVED = ByteBuffer.wrap(new byte[] {9});

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final List<String> told = new ArrayList<>();
  private final IncomingMigration migration;
  private Consumer<Consumer<@Nullable Throwable>> service = _ -> {};
  private @Nullable Consumer<@Nullable Throwable> asked;

  IncomingMigrationTest() {
    channel.freezeTime();
    migration =
        new IncomingMigration(
            this, TIMEOUT_MS, reason -> told.add(reason == null ? "goes on" : "cannot: " + reason));
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Override
  public EventLoop loop() {
    return channel.eventLoop();
  }

  @Override
  public void resumeService(ByteBuffer saved, Consumer<@Nullable Throwable> done) {
    assertThat(saved).isEqualTo(SAVED);
    asked = done;
    service.accept(done);
  }

  @Override
  public @Nullable Class<?> serviceClass() {
    return IncomingMigrationTest.class;
  }

  @Override
  public void cannotResume(Throwable cause) {
    told.add("threw " + cause.getMessage());
  }

  @Override
  public void abandon() {
    told.add("abandoned");
  }

  private void returns(@Nullable Throwable failure) {
    Consumer<@Nullable Throwable> done = asked;
    if (done == null) {
      throw new AssertionError("the service was not asked to resume");
    }
    done.accept(failure);
  }

  /** Time passes while the loop runs. */
  private void pass(long ms) {
    for (long i = 0; i < ms; i++) {
      channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
      channel.runPendingTasks();
    }
  }

  private static Throwable mistake() {
    return new IllegalStateException("a mistake");
  }

  @Test
  void aSessionGoesOnWhenItsServiceHasResumed() {
    migration.begin(SAVED);
    assertThat(told).isEmpty();
    returns(null);
    assertThat(told).containsExactly("goes on");
    pass(2 * TIMEOUT_MS);
    assertThat(told).containsExactly("goes on");
  }

  @Test
  void aServiceThatResumesBeforeTheCallReturnsStartsNoTimeout() {
    service = done -> done.accept(null);
    migration.begin(SAVED);
    assertThat(told).containsExactly("goes on");
    pass(2 * TIMEOUT_MS);
    assertThat(told).containsExactly("goes on");
  }

  @Test
  void aSessionWhoseServiceThrowsIsAbandonedAndTheReasonTold() {
    migration.begin(SAVED);
    returns(mistake());
    assertThat(told).hasSize(3).startsWith("threw a mistake", "abandoned");
    assertThat(told.getLast())
        .startsWith("cannot: ")
        .contains("a mistake", IncomingMigrationTest.class.getName());
    pass(2 * TIMEOUT_MS);
    assertThat(told).hasSize(3);
  }

  @Test
  void aServiceThatThrowsBeforeTheCallReturnsIsHeardToo() {
    service = done -> done.accept(mistake());
    migration.begin(SAVED);
    assertThat(told).hasSize(3).startsWith("threw a mistake", "abandoned");
  }

  @Test
  void aSessionWhoseServiceTakesTooLongIsAbandoned() {
    migration.begin(SAVED);
    pass(TIMEOUT_MS - 1);
    assertThat(told).isEmpty();
    pass(1);
    assertThat(told).hasSize(2).startsWith("abandoned");
    assertThat(told.getLast()).contains("resumed()", "5000 ms", "resume-timeout");
  }

  @Test
  void aServiceThatReturnsAfterItsTimeIsNotHeard() {
    migration.begin(SAVED);
    pass(TIMEOUT_MS);
    int before = told.size();
    returns(null);
    assertThat(told).hasSize(before);
  }

  @Test
  void aServiceThatThrowsAfterItsTimeIsNotHeard() {
    migration.begin(SAVED);
    pass(TIMEOUT_MS);
    int before = told.size();
    returns(mistake());
    assertThat(told).hasSize(before);
  }
}
