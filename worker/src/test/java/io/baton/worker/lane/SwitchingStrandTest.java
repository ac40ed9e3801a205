package io.baton.worker.lane;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings.LaneKind;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SwitchingStrandTest {
  private static final int TASKS = 5_000;

  private final EventLoop loop = new DefaultEventLoop();
  private final Map<LaneKind, Lane> lanes =
      new EnumMap<>(
          Map.of(
              LaneKind.LOOP, new LoopLane(loop),
              LaneKind.RING, new RingLane(loop, 2, 16),
              LaneKind.VIRTUAL, new VirtualLane()));
  private final SwitchingStrand strand = strand(LaneKind.LOOP);
  private final List<String> ran = new ArrayList<>();

  private SwitchingStrand strand(LaneKind own) {
    return new SwitchingStrand(kind -> requireNonNull(lanes.get(kind)).strand(() -> {}), loop, own);
  }

  @AfterEach
  void end() {
    lanes.values().forEach(Lane::close);
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private static LaneKind here() {
    Thread thread = Thread.currentThread();
    return thread.isVirtual()
        ? LaneKind.VIRTUAL
        : thread.getName().startsWith("defaultEventLoop") ? LaneKind.LOOP : LaneKind.RING;
  }

  @Test
  void messagesRunInTheirLanesInOrderAndOneAtATime() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    LaneKind[] kinds = LaneKind.values();
    List<LaneKind> plan =
        IntStream.range(0, TASKS)
            .mapToObj(_ -> kinds[random.nextInt(3)]) // often the same several times
            .toList();
    ConcurrentLinkedQueue<Integer> order = new ConcurrentLinkedQueue<>();
    AtomicBoolean busy = new AtomicBoolean();
    AtomicReference<String> wrong = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(TASKS);
    for (int from = 0; from < TASKS; from += 50) { // the loop has tasks of its own in between
      int first = from;
      loop.execute(() -> {
        for (int i = first; i < first + 50; i++) {
          int number = i;
          LaneKind kind = plan.get(i);
          strand.submit(
              kind,
              () -> {
                if (busy.getAndSet(true) || here() != kind || !strand.isCurrent()) {
                  wrong.set(number + " for " + kind + " in " + here());
                }
                order.add(number);
                busy.set(false);
                done.countDown();
              });
        }
      });
    }
    assertThat(done.await(60, TimeUnit.SECONDS)).as("seed %d", seed).isTrue();
    assertThat(wrong).as("seed %d", seed).hasNullValue();
    assertThat(List.copyOf(order))
        .as("seed %d", seed)
        .isEqualTo(IntStream.range(0, TASKS).boxed().toList());
  }

  @Test
  void whatBelongsToNoMessageRunsInTheLaneThatAllowsMost() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    loop.execute(() -> {
      strand.submit(() -> note("opened"));
      strand.submit(LaneKind.LOOP, () -> note("first"));
      strand.submit(LaneKind.VIRTUAL, () -> note("second"));
      strand.submit(LaneKind.LOOP, () -> note("third"));
      strand.submit(() -> note("timer"));
      strand.begin(LaneKind.LOOP);
      strand.submit(() -> {
        note("another service");
        done.countDown();
      });
    });
    assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(ran)
        .containsExactly(
            "opened LOOP",
            "first LOOP",
            "second VIRTUAL",
            "third LOOP",
            "timer VIRTUAL",
            "another service LOOP");
  }

  @Test
  void theEventLoopRunsItsMessagesAtOnceUnlessAnotherLaneIsBusy() throws Exception {
    CountDownLatch goesOn = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    loop.submit(
            () -> {
              strand.submit(LaneKind.LOOP, () -> note("at once"));
              note("submitted");
              strand.submit(
                  LaneKind.VIRTUAL,
                  () -> {
                    await(goesOn);
                    note("busy");
                  });
              strand.submit(
                  LaneKind.LOOP,
                  () -> {
                    note("after");
                    done.countDown();
                  });
              note("both submitted");
              goesOn.countDown();
            })
        .sync();
    assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(ran)
        .containsExactly(
            "at once LOOP", "submitted LOOP", "both submitted LOOP", "busy VIRTUAL", "after LOOP");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void note(String what) {
    ran.add(what + " " + here());
  }
}
