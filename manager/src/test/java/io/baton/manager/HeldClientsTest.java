package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.posix.EventFd;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.service.Peer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeldClientsTest {
  private final HeldClients clients = new HeldClients();

  private static Fd descriptor() throws PosixException {
    return new EventFd().fd();
  }

  /** A client that a worker had. */
  private long had() throws PosixException {
    long id = clients.own(descriptor(), null);
    clients.release(id);
    return id;
  }

  @Test
  void numbersOfAClusterBeginAtARandomOneOnceAndRise() throws Exception {
    long before = had();
    clients.spread(new Random(1));
    long first = had();
    clients.spread(new Random(2));
    assertThat(first).isGreaterThan(1L << 40).isEqualTo((first >> 40 << 40) + 1);
    assertThat(had()).isEqualTo(first + 1);
    assertThat(clients.own(before, null, List.of(), 0)).isTrue();
  }

  @Test
  void anEndedClientIsClosed() throws Exception {
    Fd descriptor = descriptor();
    long id = clients.own(descriptor, null);
    assertThat(clients.descriptors(id)).containsExactly(descriptor);
    clients.end(id);
    assertThat(descriptor.isOpen()).isFalse();
  }

  @Test
  void aClientThatAWorkerGaveIsClosedOnceAnotherOwnsIt() throws Exception {
    long id = had();
    Fd descriptor = descriptor();
    assertThat(clients.own(id, null, List.of(descriptor), 1)).isTrue();
    assertThat(clients.descriptors(id)).containsExactly(descriptor);
    clients.release(id);
    assertThat(descriptor.isOpen()).isFalse();
  }

  @Test
  void theProxyThatAClientCameThroughIsKeptWhereverItGoes() throws Exception {
    Peer proxy = new Peer.Unix(1, 2);
    long id = clients.own(descriptor(), proxy);
    assertThat(clients.via(id)).isEqualTo(proxy);
    clients.release(id);
    assertThat(clients.own(id, proxy, List.of(descriptor()), 1)).isTrue();
    assertThat(clients.via(id)).isEqualTo(proxy);
    clients.end(id);
  }

  @Test
  void aStateAsideGoesAlongAndIsClosedWithTheClient() throws Exception {
    for (boolean end : new boolean[] {true, false}) {
      long id = had();
      List<Fd> both = List.of(descriptor(), descriptor());
      assertThat(clients.own(id, null, both, 1)).isTrue();
      assertThat(clients.descriptors(id)).isEqualTo(both);
      if (end) {
        clients.end(id);
      } else {
        clients.release(id);
      }
      assertThat(both).noneMatch(Fd::isOpen);
    }
  }

  @Test
  void allOfASessionsConnectionsAreEndedWithIt() throws Exception {
    long id = had();
    List<Fd> three = List.of(descriptor(), descriptor(), descriptor());
    assertThat(clients.own(id, null, three, 2)).isTrue();
    clients.end(id);
    assertThat(three).noneMatch(Fd::isOpen);
  }

  @Test
  void aClientThatIsHeldAlreadyOrNeverWasAcceptedCannotBeGiven() throws Exception {
    long held = clients.own(descriptor(), null);
    try (Fd descriptor = descriptor()) {
      for (long id : new long[] {held, held + 1, 0, -1}) {
        assertThat(clients.own(id, null, List.of(descriptor), 1)).isFalse();
      }
      assertThat(descriptor.isOpen()).isTrue();
    }
    clients.end(held);
  }

  @Test
  void aClientThatIsNotHeldIsOurOwnMistake() throws Exception {
    long gone = had();
    assertThatThrownBy(() -> clients.descriptors(gone)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> clients.release(gone)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> clients.end(gone)).isInstanceOf(IllegalStateException.class);
  }
}
