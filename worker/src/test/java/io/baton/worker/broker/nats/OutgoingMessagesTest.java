package io.baton.worker.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.worker.memory.LimitedMemory;
import io.nats.client.Connection;
import java.lang.reflect.Proxy;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OutgoingMessagesTest {
  private final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor();
  private final LimitedMemory memory = new LimitedMemory();
  private final OutgoingMessages messages = new OutgoingMessages(memory, loop, task -> task);

  /** What the library says that waits. */
  private final AtomicLong waiting = new AtomicLong();

  /** Until then it says nothing, as while it has no connection. */
  private final CountDownLatch answers = new CountDownLatch(1);

  private final Connection connection =
      (Connection)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Connection.class},
              (self, method, arguments) ->
                  switch (method.getName()) {
                    case "equals" ->
                        System.identityHashCode(self) == System.identityHashCode(arguments[0]);
                    case "hashCode" -> 1;
                    case "outgoingPendingMessageCount", "outgoingPendingBytes" -> {
                      answers.await();
                      yield waiting.get();
                    }
                    default -> throw new AssertionError("unasked: " + method);
                  });

  @AfterEach
  void end() {
    answers.countDown();
    loop.shutdownNow();
  }

  private <T> T inLoop(Callable<T> task) throws Exception {
    return loop.submit(task).get();
  }

  private boolean book() throws Exception {
    return inLoop(() -> messages.book(connection, 100));
  }

  private static void until(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      Thread.onSpinWait();
    }
  }

  private long held() throws Exception {
    return inLoop(() -> memory.held);
  }

  @Test
  void aLibraryThatDoesNotAnswerHoldsNothingUpAndNoMoreIsGivenToItThanTheBounds() throws Exception {
    for (int i = 0; i <= OutgoingMessages.MAX_MESSAGES; i++) {
      assertThat(book()).isTrue();
    }
    assertThat(book()).isFalse();
    answers.countDown();
    until(this::book);
    until(() -> held() == 0);
  }

  @Test
  void whatHasNotGoneStaysBooked() throws Exception {
    waiting.set(3);
    answers.countDown();
    assertThat(book()).isTrue();
    until(() -> held() == 3 + 3 * OutgoingMessages.OVERHEAD);
    waiting.set(0);
    until(() -> held() == 0);
  }

  @Test
  void whatAClosedConnectionHadIsGivenBack() throws Exception {
    assertThat(book()).isTrue();
    assertThat(held()).isPositive();
    inLoop(() -> {
      messages.closed();
      return true;
    });
    assertThat(held()).isZero();
  }

  @Test
  void withoutMemoryNothingIsGiven() throws Exception {
    memory.limit = 100;
    assertThat(book()).isFalse();
    assertThat(held()).isZero();
  }
}
