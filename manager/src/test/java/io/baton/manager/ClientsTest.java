package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.manager.fleet.Effect.Arrival;
import io.baton.pipe.Message.Condition;
import io.baton.posix.EventFd;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClientsTest {
  private static final Condition SAVED =
      new Condition.Saved("", ByteBuffer.wrap(new byte[] {1, 2, 3}), false);

  private final Clients clients = new Clients();

  private static Fd descriptor() throws PosixException {
    return new EventFd().fd();
  }

  /** A client that a worker had. */
  private long had() throws PosixException {
    long id = clients.own(descriptor());
    clients.release(id);
    return id;
  }

  @Test
  void aFreshClientIsHandedOnAsItCame() throws Exception {
    Fd descriptor = descriptor();
    long id = clients.own(descriptor);
    assertThat(clients.descriptors(id)).containsExactly(descriptor);
    assertThat(clients.condition(id, Arrival.FRESH)).isEqualTo(Condition.FRESH);
    assertThat(clients.condition(id, Arrival.BEYOND_LIMIT)).isEqualTo(Condition.BEYOND_LIMIT);
    clients.end(id);
    assertThat(descriptor.isOpen()).isFalse();
  }

  @Test
  void aClientWithItsStateIsHandedOnWithItAndSaidToReturnIfItDoes() throws Exception {
    long id = had();
    Fd descriptor = descriptor();
    assertThat(clients.keep(id, SAVED, List.of(descriptor))).isTrue();
    assertThat(clients.condition(id, Arrival.MOVING)).isEqualTo(SAVED);
    assertThat(clients.condition(id, Arrival.RETURNING))
        .isEqualTo(new Condition.Saved("", ByteBuffer.wrap(new byte[] {1, 2, 3}), true));
    assertThat(clients.descriptors(id)).containsExactly(descriptor);
    clients.release(id);
    assertThat(descriptor.isOpen()).isFalse();
  }

  @Test
  void aStateAsideGoesAlongAndIsClosedWithTheClient() throws Exception {
    for (boolean end : new boolean[] {true, false}) {
      long id = had();
      List<Fd> both = List.of(descriptor(), descriptor());
      assertThat(clients.keep(id, new Condition.SavedAside("", false), both)).isTrue();
      assertThat(clients.descriptors(id)).isEqualTo(both);
      assertThat(clients.condition(id, Arrival.RETURNING))
          .isEqualTo(new Condition.SavedAside("", true));
      if (end) {
        clients.end(id);
      } else {
        clients.release(id);
      }
      assertThat(both).noneMatch(Fd::isOpen);
    }
  }

  @Test
  void whatIsHeldAlreadyOrNeverWasCannotBeKept() throws Exception {
    long held = clients.own(descriptor());
    try (Fd descriptor = descriptor()) {
      for (long id : new long[] {held, held + 1, 0, -1}) {
        assertThat(clients.keep(id, SAVED, List.of(descriptor))).isFalse();
      }
      assertThat(descriptor.isOpen()).isTrue();
    }
    clients.end(held);
  }

  @Test
  void aStateIsNeitherInventedNorForgotten() throws Exception {
    long fresh = clients.own(descriptor());
    assertThatThrownBy(() -> clients.condition(fresh, Arrival.MOVING))
        .isInstanceOf(IllegalStateException.class);
    long moved = had();
    assertThat(clients.keep(moved, SAVED, List.of(descriptor()))).isTrue();
    assertThatThrownBy(() -> clients.condition(moved, Arrival.FRESH))
        .isInstanceOf(IllegalStateException.class);
    clients.end(fresh);
    clients.end(moved);
    assertThatThrownBy(() -> clients.end(moved)).isInstanceOf(IllegalStateException.class);
  }
}
