package io.baton.worker.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.worker.memory.LimitedMemory;
import org.junit.jupiter.api.Test;

class IncomingMessagesTest {
  private static final int EACH = 100 + IncomingMessages.OVERHEAD;

  private final LimitedMemory memory = new LimitedMemory();
  private final IncomingMessages messages = new IncomingMessages(memory);

  private void add(int count) {
    for (int i = 0; i < count; i++) {
      byte[] message = new byte[100];
      message[0] = (byte) i;
      messages.add(message);
    }
  }

  @Test
  void whatWaitsIsBookedUntilItIsTaken() {
    add(10);
    messages.book();
    assertThat(memory.held).isEqualTo(10 * EACH);
    for (int i = 0; i < 10; i++) {
      assertThat(messages.poll()).startsWith(i);
    }
    messages.book();
    assertThat(memory.held).isZero();
    assertThat(messages.poll()).isNull();
    assertThat(messages.takeLost()).isZero();
  }

  @Test
  void whatThereIsNoMemoryForIsLostAndCounted() {
    memory.limit = 4 * EACH;
    add(10);
    messages.book();
    assertThat(memory.held).isEqualTo(4 * EACH);
    assertThat(messages.takeLost()).isEqualTo(6);
    assertThat(messages.takeLost()).isZero();
    memory.limit = 0;
    messages.book();
    assertThat(messages.poll()).as("booked before").isNotNull();
  }

  @Test
  void moreThanTheFixedBoundsIsLostAndCounted() {
    add(IncomingMessages.MAX_MESSAGES + 10);
    assertThat(messages.takeLost()).isEqualTo(9);
    byte[] large = new byte[64 * 1024];
    IncomingMessages bytes = new IncomingMessages(memory);
    for (int i = 0; i < 70; i++) {
      bytes.add(large);
    }
    assertThat(bytes.takeLost()).isEqualTo(5);
  }
}
