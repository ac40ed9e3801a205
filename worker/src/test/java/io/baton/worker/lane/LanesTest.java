package io.baton.worker.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LanesTest {
  private static final int RING = 16;

  enum Kind {
    LOOP,
    RING,
    VIRTUAL
  }

  private final EventLoop loop = new DefaultEventLoop();
  private final List<Lane> lanes = new ArrayList<>();

  private Lane lane(Kind kind) {
    Lane lane =
        switch (kind) {
          case LOOP -> new LoopLane(loop);
          case RING -> new RingLane(loop, 2, RING);
          case VIRTUAL -> new VirtualLane();
        };
    lanes.add(lane);
    return lane;
  }

  @AfterEach
  void end() {
    lanes.forEach(Lane::close);
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private void onLoop(Runnable task) {
    loop.submit(task).syncUninterruptibly();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void eachStrandRunsItsTasksInOrderAndOneAtATime(Kind kind) throws Exception {
    int strands = 20;
    int tasks = 500;
    Lane lane = lane(kind);
    List<ConcurrentLinkedQueue<Integer>> ran = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(strands * tasks);
    AtomicBoolean overlapped = new AtomicBoolean();
    onLoop(() -> {
      List<Strand> all = new ArrayList<>();
      List<AtomicBoolean> busy = new ArrayList<>();
      for (int s = 0; s < strands; s++) {
        all.add(lane.strand(() -> {}));
        busy.add(new AtomicBoolean());
        ran.add(new ConcurrentLinkedQueue<>());
      }
      // Far more than the ring holds: what has no room waits and is not lost.
      for (int t = 0; t < tasks; t++) {
        for (int s = 0; s < strands; s++) {
          int number = t;
          int strand = s;
          all.get(s)
              .submit(() -> {
                if (busy.get(strand).getAndSet(true) || !all.get(strand).isCurrent()) {
                  overlapped.set(true);
                }
                ran.get(strand).add(number);
                busy.get(strand).set(false);
                done.countDown();
              });
        }
      }
    });
    done.await();
    assertThat(overlapped).isFalse();
    List<Integer> inOrder = IntStream.range(0, tasks).boxed().toList();
    assertThat(ran).allSatisfy(each -> assertThat(each).containsExactlyElementsOf(inOrder));
    assertThat(lane.depth()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whatATaskSubmitsRunsAfterIt(Kind kind) throws Exception {
    Lane lane = lane(kind);
    ConcurrentLinkedQueue<String> ran = new ConcurrentLinkedQueue<>();
    CountDownLatch done = new CountDownLatch(1);
    onLoop(() -> {
      Strand strand = lane.strand(() -> {});
      strand.submit(() -> {
        Runnable inner =
            () ->
                strand.submit(() -> {
                  ran.add("inner");
                  done.countDown();
                });
        if (loop.inEventLoop()) {
          inner.run();
        } else {
          loop.execute(inner);
        }
        ran.add("outer");
      });
    });
    done.await();
    if (kind == Kind.LOOP) {
      assertThat(ran).containsExactly("outer", "inner");
    } else {
      assertThat(ran).containsExactlyInAnyOrder("outer", "inner");
    }
  }

  @Test
  void aTaskThatBlocksInARingHoldsUpItsOwnThreadOnly() throws Exception {
    Lane lane = lane(Kind.RING);
    Semaphore stuck = new Semaphore(0);
    CountDownLatch other = new CountDownLatch(1);
    CountDownLatch same = new CountDownLatch(1);
    onLoop(() -> {
      Strand first = lane.strand(() -> {});
      Strand second = lane.strand(() -> {});
      Strand third = lane.strand(() -> {}); // with the first
      first.submit(stuck::acquireUninterruptibly);
      second.submit(other::countDown);
      third.submit(same::countDown);
    });
    other.await();
    assertThat(same.getCount()).isEqualTo(1);
    stuck.release();
    same.await();
  }

  @Test
  void aTaskThatBlocksOnAVirtualThreadHoldsUpItsSessionOnly() throws Exception {
    Lane lane = lane(Kind.VIRTUAL);
    Semaphore stuck = new Semaphore(0);
    int sessions = 1_000;
    CountDownLatch others = new CountDownLatch(sessions);
    CountDownLatch same = new CountDownLatch(1);
    onLoop(() -> {
      Strand first = lane.strand(() -> {});
      first.submit(stuck::acquireUninterruptibly);
      first.submit(same::countDown);
      for (int i = 0; i < sessions; i++) {
        lane.strand(() -> {}).submit(others::countDown);
      }
    });
    others.await();
    assertThat(same.getCount()).isEqualTo(1);
    stuck.release();
    same.await();
  }

  @Test
  void aFullRingSaysThatThereIsNoRoomAndWhenThereIsAgain() throws Exception {
    Lane lane = lane(Kind.RING);
    Semaphore stuck = new Semaphore(0);
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch again = new CountDownLatch(1);
    CountDownLatch last = new CountDownLatch(1);
    onLoop(() -> {
      Strand[] strand = new Strand[1];
      strand[0] =
          lane.strand(() -> {
            if (strand[0].hasRoom()) {
              again.countDown();
            }
          });
      strand[0].submit(() -> {
        running.countDown();
        stuck.acquireUninterruptibly();
      });
      assertThat(strand[0].hasRoom()).isTrue();
      int submitted = 1;
      while (strand[0].hasRoom()) {
        strand[0].submit(() -> {});
        submitted++;
      }
      assertThat(submitted).isBetween(RING, RING + 2);
      strand[0].submit(last::countDown);
    });
    running.await();
    assertThat(again.getCount()).isEqualTo(1);
    stuck.release();
    again.await();
    last.await();
  }

  @ParameterizedTest
  @EnumSource(names = {"RING", "VIRTUAL"})
  void whoeverIsAtATaskIsSeenFromOutsideWithItsThread(Kind kind) throws Exception {
    Lane lane = lane(kind);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    AtomicReference<Thread> thread = new AtomicReference<>();
    onLoop(() ->
        lane.strand(() -> {})
            .submit(() -> {
              thread.set(Thread.currentThread());
              begun.countDown();
              join(end);
            }));
    begun.await();
    List<Lane.Runner> running = running(lane);
    assertThat(running).hasSize(1);
    Lane.Runner runner = running.getFirst();
    assertThat(runner.thread()).isSameAs(thread.get());
    long task = runner.task();
    assertThat(running(lane).getFirst().task()).as("it is still at it").isEqualTo(task);
    long during = ended(lane);
    end.countDown();
    while (!running(lane).isEmpty()) {
      Thread.onSpinWait();
    }
    // The ring's count changes when the next task begins, for which each of its threads gets one.
    onLoop(() -> {
      lane.strand(() -> {}).submit(() -> {});
      lane.strand(() -> {}).submit(() -> {});
    });
    while (ended(lane) <= during) {
      Thread.onSpinWait();
    }
  }

  private static void join(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Lane.Runner> running(Lane lane) {
    List<Lane.Runner> running = new ArrayList<>();
    lane.parts().forEach(part -> part.show(running::add));
    return running;
  }

  private static long ended(Lane lane) {
    return lane.parts().stream().mapToLong(Lane.Part::ended).sum();
  }
}
