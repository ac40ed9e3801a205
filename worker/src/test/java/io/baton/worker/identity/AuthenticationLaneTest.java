package io.baton.worker.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.Load.Authentications;
import io.baton.service.Authentication;
import io.baton.service.AuthenticationRequest;
import io.baton.service.Authenticator;
import io.baton.service.Peer;
import io.baton.service.Principal;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many run and wait, with threads that run when the test says. */
final class AuthenticationLaneTest {
  private static final AuthenticationRequest REQUEST =
      new AuthenticationRequest.Credential(
          new AuthenticationRequest.Connection(
              "web", new Peer.Unix(1, 2), Optional.empty(), List.of()),
          "chat",
          ByteBuffer.wrap(new byte[] {1, 2}));
  private static final Authentication ALICE = new Authentication.Accepted(new Principal("alice"));
  private static final Verdict ACCEPTED = new Verdict.Decided(ALICE);
  private static final long TIMEOUT_MS = 100;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Queue<Thread> threads = new ArrayDeque<>();
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final AuthenticationCounters counters = new AuthenticationCounters();
  private final List<Verdict> told = new ArrayList<>();
  private final AuthenticationLane lane =
      new AuthenticationLane(
          "test",
          _ -> ALICE,
          task -> {
            Thread never = Thread.ofVirtual().unstarted(task);
            threads.add(never);
            tasks.add(task);
            return never;
          },
          counters,
          () -> 0);

  @BeforeEach
  void timeStands() {
    channel.freezeTime();
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private AuthenticationLane.Call submit() {
    return lane.submit(REQUEST, TIMEOUT_MS, channel.eventLoop(), told::add);
  }

  private void submit(int calls) {
    for (int i = 0; i < calls; i++) {
      var _ = submit();
    }
  }

  /** The thread that began first runs to its end. */
  private void runs() {
    threads.remove();
    tasks.remove().run();
    channel.runPendingTasks();
  }

  private void pass(long ms) {
    channel.advanceTimeBy(ms, TimeUnit.MILLISECONDS);
    channel.runPendingTasks();
  }

  @Test
  void soManyRunAndTheNextOneBeginsWhenOneHasEnded() {
    submit(Authenticator.MAX_RUNNING + 1);
    assertThat(threads).hasSize(Authenticator.MAX_RUNNING);
    runs();
    assertThat(told).containsExactly(ACCEPTED);
    assertThat(threads).hasSize(Authenticator.MAX_RUNNING);
    assertThat(counters.counts().running()).isEqualTo(Authenticator.MAX_RUNNING);
  }

  @Test
  void oneMoreThanMayWaitIsToldSoAtOnce() {
    submit(Authenticator.MAX_RUNNING + Authenticator.MAX_WAITING);
    assertThat(told).isEmpty();
    submit(1);
    channel.runPendingTasks();
    assertThat(told).containsExactly(new Verdict.Overloaded());
    assertThat(counters.counts().unavailable()).isEqualTo(1);
  }

  @Test
  void timeRunsInTheQueueToo() {
    submit(Authenticator.MAX_RUNNING);
    pass(TIMEOUT_MS - 1);
    submit(1);
    pass(1);
    assertThat(told).hasSize(Authenticator.MAX_RUNNING).containsOnly(new Verdict.TimedOut());
    told.clear();
    pass(TIMEOUT_MS);
    assertThat(told).containsExactly(new Verdict.TimedOut());
    runs();
    assertThat(threads).as("who waited does not begin any more").hasSize(255);
  }

  @Test
  void whatIsInterruptedHoldsItsPlaceUntilItReturns() {
    submit(Authenticator.MAX_RUNNING);
    pass(TIMEOUT_MS);
    assertThat(threads).allMatch(Thread::isInterrupted);
    submit(1);
    assertThat(threads).hasSize(Authenticator.MAX_RUNNING);
    told.clear();
    runs();
    assertThat(told).as("nobody hears of it").isEmpty();
    assertThat(threads).hasSize(Authenticator.MAX_RUNNING);
  }

  @Test
  void aCallThatIsCancelledInTheQueueLeavesIt() {
    submit(Authenticator.MAX_RUNNING);
    AuthenticationLane.Call waiting = submit();
    waiting.cancel();
    waiting.cancel();
    runs();
    assertThat(threads).hasSize(Authenticator.MAX_RUNNING - 1);
    pass(TIMEOUT_MS);
    assertThat(counters.counts())
        .isEqualTo(
            new Authentications(
                Authenticator.MAX_RUNNING + 1, 1, 0, 0, 0, 0, 0, Authenticator.MAX_RUNNING - 1, 1));
  }

  @Test
  void aCallRunsOnAVirtualThreadOfItsModule() throws Exception {
    BlockingQueue<Thread> ran = new LinkedBlockingQueue<>();
    ClassLoader loader = new ClassLoader() {};
    Thread began =
        AuthenticationLane.virtualThreads("test", loader)
            .start(() -> ran.add(Thread.currentThread()));
    assertThat(ran.take()).isEqualTo(began).matches(Thread::isVirtual);
    assertThat(began.getContextClassLoader()).isEqualTo(loader);
  }
}
