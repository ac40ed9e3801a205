package io.baton.worker.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.Presence;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.topics.Publication;
import io.baton.worker.topics.SessionFacts;
import io.baton.worker.topics.Subscribed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Topics on an event loop, without a worker around them. */
@Timeout(30)
final class WorkerTopicsTest {
  private static final int BURST = 100;
  private static final int TURNS = 20;

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final Queue<Throwable> confused = new ConcurrentLinkedQueue<>();
  private final WorkerTopics topics =
      WorkerTopics.alone(
          loop,
          new ByteBudget(1 << 20),
          task ->
              () -> {
                try {
                  task.run();
                } catch (RuntimeException e) {
                  confused.add(e);
                }
              });
  private int published;

  @AfterEach
  void end() throws Exception {
    loop.submit(
            () -> {
              topics.closed(1);
              topics.closed(2);
            })
        .get(); // an event loop does not end before its tasks do
    group.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** Answers a burst with another one, and handles what comes meanwhile after that. */
  private final class Rallying implements TopicSession {
    private final long session;
    private final String answers;
    private final Deque<Publication> later = new ArrayDeque<>();
    private boolean busy;

    Rallying(long session, String answers) {
      this.session = session;
      this.answers = answers;
    }

    @Override
    public SessionFacts facts() {
      return new SessionFacts("", false);
    }

    @Override
    public void published(Publication publication) {
      later.add(publication);
      if (busy) {
        return;
      }
      busy = true;
      for (Publication next = later.poll(); next != null; next = later.poll()) {
        published++;
        if (next.message().length > 0) {
          for (int i = 0; i < BURST; i++) {
            topics.publisher().publish(answers, new byte[i == 0 ? 1 : 0]);
          }
        }
        topics.handled(session, this, next);
      }
      busy = false;
    }

    @Override
    public void missed(String topic, long count) {
      throw new AssertionError(count + " of " + topic + " were missed");
    }
  }

  /** Notes how many were published before each of some turns of the event loop. */
  private void note(List<Integer> turns, CompletableFuture<List<Integer>> all) {
    turns.add(published);
    if (turns.size() == TURNS) {
      all.complete(turns);
    } else {
      // What is scheduled waits for the sockets.
      var _ = loop.schedule(() -> note(turns, all), 1, TimeUnit.NANOSECONDS);
    }
  }

  @Test
  void whoAsksForMembersWhileMuchWaitsIsToldAtOnceThatNobodyHasAnswered() {
    CountDownLatch goOn = new CountDownLatch(1);
    loop.execute(() -> {
      try {
        goOn.await();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    });
    try {
      CompletableFuture<Presence> last;
      int asked = 0;
      do {
        last = topics.publisher().present("room").toCompletableFuture();
      } while (!last.isDone() && ++asked < 100_000);
      assertThat(last).isCompletedWithValue(new Presence(List.of(), 0, 1));
    } finally {
      goOn.countDown();
    }
  }

  @Test
  void sessionsThatAnswerEachOtherWithoutEndLetSocketsHaveTheirTurn() throws Exception {
    CompletableFuture<List<Integer>> all = new CompletableFuture<>();
    loop.submit(
            () -> {
              note(new ArrayList<>(), all);
              assertThat(topics.subscribe(1, new Rallying(1, "there"), "here", null))
                  .isEqualTo(Subscribed.YES);
              assertThat(topics.subscribe(2, new Rallying(2, "here"), "there", null))
                  .isEqualTo(Subscribed.YES);
              return topics.publisher().publish("here", new byte[1]);
            })
        .get();
    List<Integer> turns = all.get();
    for (int i = 1; i < TURNS; i++) {
      assertThat(turns.get(i) - turns.get(i - 1)).as("%s", turns).isLessThanOrEqualTo(2 * 1_024);
    }
    assertThat(turns.getLast()).isGreaterThan(TURNS);
  }

  /** Has what is relayed encoded, and sends it nowhere. */
  private final class Relayed implements TopicSession {
    private int failed;

    @Override
    public void published(Publication publication) {
      try {
        ReferenceCountUtil.release(topics.relays().encode(publication, ByteBuf.class));
      } catch (IllegalReferenceCountException _) {
        failed++;
      }
      topics.handled(1, this, publication);
    }

    @Override
    public void missed(String topic, long count) {}

    @Override
    public SessionFacts facts() {
      return new SessionFacts("", false);
    }
  }

  @Test
  void aMessageThatItsModuleHasReleasedFailsForItsSessionsOnly() throws Exception {
    ByteBuf kept = Unpooled.copiedBuffer(new byte[] {1});
    Relayed session = new Relayed();
    loop.submit(
            () -> {
              topics.publisher().relay("news", ByteBuf.class, _ -> kept);
              return topics.subscribe(1, session, "news", null);
            })
        .get();
    for (int i = 1; i <= 3; i++) {
      assertThat(topics.publisher().publish("news", new byte[1])).isTrue();
    }
    while (loop.submit(() -> session.failed).get() < 2) { // the first was good
      Thread.onSpinWait();
    }
    assertThat(confused).isEmpty();
  }
}
