package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.worker.NoLeaks;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class OutboundQueueTest extends ChannelOutboundHandlerAdapter implements OutboundQueue.Owner {
  private static final int MAX_ON_THEIR_WAY = 64;
  private static final int MAX_PENDING = 1_000;
  private static final int HIGH_WATER = 500;

  private final EmbeddedChannel channel = new EmbeddedChannel(this);

  /** Not the channel's: a write there would run what waits in its loop. */
  private final EmbeddedChannel tasks = new EmbeddedChannel();

  private final EventLoop loop = OwnedLoop.of(tasks.eventLoop());
  private final AtomicInteger roomAgain = new AtomicInteger();
  private final AtomicBoolean over = new AtomicBoolean();
  private final OutboundQueue queue = new OutboundQueue(this);
  private SessionOutput output = new KeptOutput(MAX_PENDING);
  private boolean takesNothing;
  private int flushes;

  @AfterEach
  void close() {
    takesNothing = false;
    channel.flush();
    channel.finishAndReleaseAll();
    tasks.finishAndReleaseAll();
  }

  @Override
  public EventLoop loop() {
    return loop;
  }

  @Override
  public SessionOutput output() {
    return output;
  }

  @Override
  public int maxPendingBytes() {
    return MAX_PENDING;
  }

  @Override
  public void roomAgain() {
    roomAgain.incrementAndGet();
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    flushes++;
    if (!takesNothing) {
      ctx.flush();
    }
  }

  private boolean enter(int bytes) {
    return queue.enter(bytes, over::get);
  }

  private void enterAll() {
    for (int i = 0; i < MAX_ON_THEIR_WAY; i++) {
      assertThat(enter(1)).isTrue();
    }
  }

  /** Output to the channel, which has taken nothing yet of so many bytes. */
  private OutboundWriter writerWith(int unsent) {
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(HIGH_WATER, HIGH_WATER));
    OutboundWriter writer = new OutboundWriter(channel, () -> {});
    output = writer;
    writer.beginBatch();
    writer.write(Unpooled.buffer(unsent).writeZero(unsent));
    return writer;
  }

  // ---- the count ----

  @Test
  void aMessageOfAnotherThreadIsCountedUntilItArrives() throws Exception {
    assertThat(queue.isEmpty()).isTrue();
    Thread.ofPlatform().start(() -> enter(100)).join();
    assertThat(queue.isEmpty()).isFalse();
    assertThat(queue.pending()).isEqualTo(100);

    queue.arrived(100);
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.pending()).isZero();
  }

  @Test
  void aMessageOfNoBytesIsCountedToo() {
    assertThat(enter(0)).isTrue();
    assertThat(queue.isEmpty()).isFalse();
    queue.withdraw(0);
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void aMessageToASessionThatIsOverIsRefusedAndNotCounted() {
    over.set(true);
    assertThat(enter(100)).isFalse();
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.pending()).isZero();
  }

  @Test
  void whatTheOutputHoldsIsPendingTogetherWithWhatIsOnItsWay() {
    output.write("abc");
    enter(100);
    assertThat(queue.pending()).isEqualTo(MessageSize.pending("abc") + 100);
  }

  @Test
  void messagesAsLargeAsTheyMayBeDoNotDisturbTheCount() {
    for (int i = 0; i < 32; i++) { // half of 2^36 bytes
      enter(Integer.MAX_VALUE);
    }
    assertThat(queue.pending()).isEqualTo(32L * Integer.MAX_VALUE);
    assertThat(queue.hasRoom()).isTrue();
    for (int i = 0; i < 32; i++) {
      queue.withdraw(Integer.MAX_VALUE);
    }
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void messagesOfManyThreadsAreCountedExactly() throws Exception {
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      senders.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int n = 0; n < 10_000; n++) {
                  enter(3);
                  enter(4);
                  queue.withdraw(3);
                  queue.withdraw(4);
                }
                enter(5);
              }));
    }
    for (Thread each : senders) {
      each.join();
    }
    assertThat(queue.pending()).isEqualTo(4 * 5);
  }

  // ---- the bounds ----

  @Test
  void moreIsPendingThanMayBeIfMoreIsWithoutTheMessageThatIsSent() {
    output.write("x".repeat(MAX_PENDING - MessageSize.pending("")));
    enter(300);
    assertThat(queue.exceedsPending(300)).as("exactly max-pending before it").isFalse();
    enter(1);
    assertThat(queue.exceedsPending(1)).isTrue();
  }

  @Test
  void oneMessageAloneNeverExceedsWhatMayBePending() {
    enter(100 * MAX_PENDING);
    assertThat(queue.exceedsPending(100 * MAX_PENDING)).isFalse();
  }

  @Test
  void thereIsNoRoomWhile64MessagesAreOnTheirWay() {
    enterAll();
    assertThat(queue.hasRoom()).isFalse();
    queue.withdraw(1);
    assertThat(queue.hasRoom()).isTrue();
  }

  @Test
  void thereIsNoRoomWhileTheOutputIsNotWritable() {
    OutboundWriter writer = writerWith(HIGH_WATER + 1);
    assertThat(queue.hasRoom()).isFalse();
    writer.endBatch();
    assertThat(queue.hasRoom()).isTrue();
  }

  @Test
  void anOutputThatTakesWhatIsPendingIsNotOverfull() {
    var _ = writerWith(2 * MAX_PENDING);
    assertThat(queue.isOverfull()).isFalse();
    assertThat(flushes).isEqualTo(1);
    assertThat(queue.pending()).isZero();
  }

  @Test
  void anOutputThatTakesNothingIsOverfullWithMoreThanMaxPending() {
    takesNothing = true;
    var _ = writerWith(2 * MAX_PENDING);
    assertThat(queue.isOverfull()).isTrue();
    assertThat(flushes).isEqualTo(1);
  }

  @Test
  void anOutputWithLessThanMaxPendingIsNotFlushedInOrderToFindOut() {
    takesNothing = true;
    var _ = writerWith(HIGH_WATER + 100);
    assertThat(queue.isOverfull()).isFalse();
    assertThat(flushes).isZero();
  }

  // ---- arrival ----

  @Test
  void messagesThatArriveTogetherAreFlushedOnceBehindTheLast() {
    OutboundWriter writer = new OutboundWriter(channel, () -> {});
    output = writer;
    for (int i = 0; i < 3; i++) {
      enter(1);
    }
    for (int i = 0; i < 3; i++) {
      queue.arrived(1);
      writer.write(Unpooled.buffer(1).writeZero(1));
    }
    assertThat(flushes).isZero();
    tasks.runPendingTasks();
    assertThat(flushes).isEqualTo(1);
  }

  @Test
  void aBatchThatBeganOnOneOutputEndsOnIt() {
    OutboundWriter former = new OutboundWriter(channel, () -> {});
    output = former;
    enter(1);
    queue.arrived(1);
    former.write(Unpooled.buffer(1).writeZero(1));
    output = new KeptOutput(MAX_PENDING);
    tasks.runPendingTasks();
    assertThat(flushes).isEqualTo(1);
  }

  // ---- room again ----

  @Test
  void aSenderThatWasRefusedHearsOnceThatThereIsRoomAgain() {
    enterAll();
    assertThat(queue.hasRoom()).isFalse();
    queue.tellRoom();
    assertThat(roomAgain).hasValue(0);

    queue.arrived(1);
    tasks.runPendingTasks();
    assertThat(roomAgain).hasValue(1);
    queue.tellRoom();
    assertThat(roomAgain).hasValue(1);
  }

  @Test
  void aSenderThatWasNotRefusedHearsNothing() {
    enter(1);
    assertThat(queue.hasRoom()).isTrue();
    queue.arrived(1);
    tasks.runPendingTasks();
    assertThat(roomAgain).hasValue(0);
  }

  @Test
  void aRefusedSenderHearsNothingWhileTheOutputIsNotWritable() {
    OutboundWriter writer = writerWith(HIGH_WATER + 1);
    queue.refuse();
    queue.tellRoom();
    assertThat(roomAgain).hasValue(0);
    writer.endBatch();
    queue.tellRoom();
    assertThat(roomAgain).hasValue(1);
  }

  // ---- a thread that waits for room ----

  private Thread waits(Runnable ready) {
    return Thread.ofPlatform()
        .start(() -> {
          ready.run();
          queue.awaitRoom(over::get);
        });
  }

  /** Until the thread is parked in the queue: nothing else in it parks. */
  private static void untilParked(Thread thread) {
    while (thread.getState() != Thread.State.WAITING) {
      assertThat(thread.isAlive()).isTrue();
      Thread.onSpinWait();
    }
  }

  @Test
  void aThreadThatWaitsForRoomGoesOnWhenMessagesHaveArrived() throws Exception {
    enterAll();
    Thread waiter = waits(() -> {});
    untilParked(waiter);
    queue.arrived(1);
    tasks.runPendingTasks();
    waiter.join();
    assertThat(queue.hasRoom()).isTrue();
  }

  @Test
  void aThreadThatWaitsForRoomStaysIfItIsWokenAndThereIsNone() throws Exception {
    enterAll();
    Thread waiter = waits(() -> {});
    untilParked(waiter);
    queue.wake();
    untilParked(waiter);
    over.set(true);
    queue.wake();
    waiter.join();
  }

  @Test
  void aThreadThatWaitsForRoomGoesOnWhenTheSessionIsOver() throws Exception {
    enterAll();
    Thread waiter = waits(() -> {});
    untilParked(waiter);
    over.set(true);
    queue.wake();
    waiter.join();
  }

  @Test
  void aThreadThatWaitsForRoomGoesOnWhenItIsInterruptedAndStaysInterrupted() throws Exception {
    enterAll();
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread waiter =
        Thread.ofPlatform()
            .start(() -> {
              queue.awaitRoom(over::get);
              interrupted.set(Thread.currentThread().isInterrupted());
            });
    untilParked(waiter);
    waiter.interrupt();
    waiter.join();
    assertThat(interrupted).isTrue();
  }

  @Test
  void aThreadDoesNotWaitIfThereIsRoomOrTheSessionIsOver() {
    queue.awaitRoom(over::get);
    enterAll();
    over.set(true);
    queue.awaitRoom(over::get);
    assertThat(queue.isEmpty()).isFalse();
  }

  // ---- the seal ----

  @Test
  void aQueueWithAMessageOnItsWayIsNotSealed() {
    enter(1);
    assertThat(queue.seal(true)).isFalse();
    queue.withdraw(1);
    assertThat(queue.seal(true)).isTrue();
    assertThat(queue.seal(false)).isTrue();
  }

  @Test
  void aSealThatFailedHoldsNobodyBack() throws Exception {
    enter(1);
    assertThat(queue.seal(true)).isFalse();
    AtomicBoolean entered = new AtomicBoolean();
    Thread.ofPlatform().start(() -> entered.set(enter(1))).join();
    assertThat(entered).isTrue();
  }

  @Test
  void theEventLoopItselfEntersASealedQueue() {
    assertThat(queue.seal(true)).isTrue();
    assertThat(enter(1)).isTrue();
  }

  @Test
  void aThreadThatSendsToASealedQueueWaitsUntilItIsUnsealed() throws Exception {
    assertThat(queue.seal(true)).isTrue();
    AtomicInteger looks = new AtomicInteger();
    AtomicBoolean entered = new AtomicBoolean();
    CountDownLatch looked = new CountDownLatch(3);
    Thread sender =
        Thread.ofPlatform()
            .start(() ->
                entered.set(
                    queue.enter(
                        7,
                        () -> {
                          looks.incrementAndGet();
                          looked.countDown();
                          return false;
                        })));
    looked.await(); // it has found the seal twice
    assertThat(entered).isFalse();
    queue.seal(false);
    sender.join();
    assertThat(entered).isTrue();
    assertThat(queue.pending()).isEqualTo(7);
  }

  @Test
  void aThreadThatSendsToASealedQueueIsRefusedIfTheSessionMoves() throws Exception {
    assertThat(queue.seal(true)).isTrue();
    AtomicBoolean entered = new AtomicBoolean(true);
    CountDownLatch looked = new CountDownLatch(3);
    Thread sender =
        Thread.ofPlatform()
            .start(() ->
                entered.set(
                    queue.enter(
                        7,
                        () -> {
                          looked.countDown();
                          return over.get();
                        })));
    looked.await();
    over.set(true);
    sender.join();
    assertThat(entered).isFalse();
    assertThat(queue.isEmpty()).isTrue();
  }

  /** A move relies on it: if the seal holds, nothing is on its way until it is taken off. */
  @Test
  void noMessageEntersWhileASealThatHeldIsOn() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger inside = new AtomicInteger();
    Thread sender =
        Thread.ofPlatform()
            .start(() -> {
              while (!stop.get()) {
                enter(1);
                inside.incrementAndGet();
                Thread.onSpinWait();
                inside.decrementAndGet();
                queue.withdraw(1);
                Thread.onSpinWait();
              }
            });
    int intruders = 0;
    for (int attempt = 0; attempt < 2_000; attempt++) {
      if (queue.seal(true)) {
        intruders += inside.get();
        Thread.onSpinWait();
        intruders += inside.get();
        queue.seal(false);
      }
    }
    stop.set(true);
    sender.join();
    assertThat(intruders).isZero();
    assertThat(queue.isEmpty()).isTrue();
  }
}
