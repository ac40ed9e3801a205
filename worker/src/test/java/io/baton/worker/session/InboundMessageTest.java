package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.Hold;
import io.baton.worker.NoLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.IllegalReferenceCountException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class InboundMessageTest implements InboundMessage.Receiver {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final EventLoop loop = OwnedLoop.of(channel.eventLoop());
  private final ByteBuf content = Unpooled.wrappedBuffer(new byte[5]);
  private final InboundMessage message = new InboundMessage(this, content, 42);
  private final List<String> told = new ArrayList<>();
  private final List<Hold> holds = new ArrayList<>();
  private Consumer<InboundMessage> service = _ -> {};
  private boolean expectsSends;

  @AfterEach
  void everyMessageIsReleased() {
    channel.finishAndReleaseAll();
    assertThat(content.refCnt()).isZero();
  }

  @Override
  public EventLoop loop() {
    return loop;
  }

  @Override
  public void deliver(InboundMessage delivered) {
    assertThat(delivered).isSameAs(message);
    assertThat(content.refCnt()).isEqualTo(1);
    told.add("delivered");
    service.accept(delivered);
  }

  @Override
  public boolean expectsSends() {
    return expectsSends;
  }

  @Override
  public void processed(InboundMessage processed) {
    assertThat(loop.inEventLoop()).isTrue();
    assertThat(processed).isSameAs(message);
    told.add("processed");
  }

  @Override
  public void failed(IllegalReferenceCountException cause) {
    assertThat(loop.inEventLoop()).isTrue();
    told.add("failed");
  }

  private void holds(int count) {
    service =
        delivered -> {
          for (int i = 0; i < count; i++) {
            holds.add(delivered.hold());
          }
        };
  }

  private static void elsewhere(Runnable action) throws InterruptedException {
    Thread.ofPlatform().start(action).join();
  }

  @Test
  void itKnowsWhatItBroughtAndWhenItWasHandedOut() {
    content.readByte();
    assertThat(message.content()).isSameAs(content);
    assertThat(message.bytes()).isEqualTo(5);
    assertThat(message.start()).isEqualTo(42);
    message.run();
  }

  @Test
  void aMessageWithoutHoldsIsProcessedWhenReceivedHasReturned() {
    assertThat(message.isProcessed()).isFalse();
    message.run();
    assertThat(message.isProcessed()).isTrue();
    assertThat(told).containsExactly("delivered", "processed");
  }

  @Test
  void aHeldMessageIsProcessedWithTheLastOfItsHolds() {
    holds(2);
    message.run();
    assertThat(message.isProcessed()).isFalse();
    holds.getLast().release();
    assertThat(told).containsExactly("delivered");
    assertThat(content.refCnt()).isEqualTo(1);
    holds.getFirst().release();
    assertThat(told).containsExactly("delivered", "processed");
  }

  @Test
  void aHoldReleasedTwiceCountsOnce() {
    holds(2);
    message.run();
    holds.getFirst().release();
    holds.getFirst().release();
    holds.getFirst().close();
    assertThat(message.isProcessed()).isFalse();
    holds.getLast().release();
    holds.getLast().release();
    assertThat(told).containsExactly("delivered", "processed");
  }

  @Test
  void aHoldReleasedWithinReceivedLeavesTheMessageToReceived() {
    service =
        delivered -> {
          delivered.hold().release();
          assertThat(delivered.isProcessed()).isFalse();
        };
    message.run();
    assertThat(told).containsExactly("delivered", "processed");
  }

  @Test
  void aMessageReceivedOnAnotherThreadIsProcessedOnTheLoop() throws Exception {
    elsewhere(message);
    assertThat(told).containsExactly("delivered");
    assertThat(content.refCnt()).isEqualTo(1);
    channel.runPendingTasks();
    assertThat(told).containsExactly("delivered", "processed");
  }

  @Test
  void aLastHoldReleasedOnAnotherThreadIsProcessedOnTheLoop() throws Exception {
    holds(1);
    message.run();
    elsewhere(holds.getFirst()::release);
    assertThat(told).containsExactly("delivered");
    channel.runPendingTasks();
    assertThat(told).containsExactly("delivered", "processed");
  }

  @Test
  void whatAnotherThreadQueuedBeforeItsReleaseComesBeforeTheProcessing() throws Exception {
    holds(2);
    message.run();
    elsewhere(() -> {
      loop.execute(() -> told.add("sent"));
      holds.getFirst().release();
    });
    holds.getLast().release(); // on the loop, and the last
    assertThat(told).containsExactly("delivered");
    channel.runPendingTasks();
    assertThat(told).containsExactly("delivered", "sent", "processed");
  }

  @Test
  void aMessageIsProcessedBehindTheSendsThatAreStillOnTheirWay() {
    expectsSends = true;
    loop.execute(() -> told.add("sent"));
    message.run();
    assertThat(message.isProcessed()).isTrue();
    assertThat(told).containsExactly("delivered");
    channel.runPendingTasks();
    assertThat(told).containsExactly("delivered", "sent", "processed");
  }

  @Test
  void holdsReleasedByManyThreadsAtOnceAreCountedExactly() throws Exception {
    int count = 64;
    holds(count);
    message.run();
    List<Thread> threads = new ArrayList<>();
    for (Hold each : holds) {
      threads.add(Thread.ofPlatform().start(each::release));
    }
    for (Thread each : threads) {
      each.join();
    }
    assertThat(told).containsExactly("delivered");
    channel.runPendingTasks();
    assertThat(told).containsExactly("delivered", "processed");
  }

  @Test
  void aServiceThatReleasesTheContentItselfFailsAndTheMessageIsProcessedAllTheSame() {
    service = _ -> content.release();
    message.run();
    assertThat(told).containsExactly("delivered", "failed", "processed");
  }

  @Test
  void aServiceThatRetainsTheContentKeepsIt() {
    service = _ -> content.retain();
    message.run();
    assertThat(told).containsExactly("delivered", "processed");
    assertThat(content.refCnt()).isEqualTo(1);
    content.release();
  }
}
