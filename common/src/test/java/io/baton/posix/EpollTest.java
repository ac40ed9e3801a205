package io.baton.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The epoll set and the eventfd that wakes it. */
class EpollTest {

  private final Epoll epoll = new Epoll(8);
  private final EventFd event = new EventFd();
  private final SocketPair pair = SocketPair.open();

  EpollTest() throws PosixException {}

  @AfterEach
  void close() {
    epoll.close();
    event.close();
    pair.ours().close();
    pair.theirs().close();
  }

  @Test
  void eachEventCarriesTheNumberOfItsEntry() throws Exception {
    epoll.add(event.fd(), Epoll.IN, Long.MIN_VALUE + 5);
    epoll.add(pair.ours(), Epoll.OUT, 0x1234_5678_9ABC_DEF0L);
    event.signal();
    assertThat(epoll.await(1000)).isEqualTo(2);
    int first = epoll.data(0) == Long.MIN_VALUE + 5 ? 0 : 1;
    assertThat(epoll.ready(first)).isEqualTo(Epoll.IN);
    assertThat(epoll.data(1 - first)).isEqualTo(0x1234_5678_9ABC_DEF0L);
    assertThat(epoll.ready(1 - first)).isEqualTo(Epoll.OUT);
  }

  @Test
  void anEntryIsReadyAsLongAsNobodyReads() throws Exception {
    epoll.add(event.fd(), Epoll.IN, 1);
    assertThat(epoll.await(0)).isZero();
    event.signal();
    event.signal();
    assertThat(epoll.await(0)).isEqualTo(1);
    assertThat(epoll.await(0)).isEqualTo(1);
    event.clear();
    assertThat(epoll.await(0)).isZero();
  }

  @Test
  void interestChangesAndEnds() throws Exception {
    epoll.add(pair.ours(), Epoll.IN, 1);
    assertThat(epoll.await(0)).isZero();
    epoll.modify(pair.ours(), Epoll.IN | Epoll.OUT, 2);
    assertThat(epoll.await(0)).isEqualTo(1);
    assertThat(epoll.data(0)).isEqualTo(2);
    epoll.remove(pair.ours());
    assertThat(epoll.await(0)).isZero();
    assertThatThrownBy(() -> epoll.remove(pair.ours()))
        .isInstanceOf(PosixException.class)
        .hasMessageContaining("ENOENT");
  }

  @Test
  void aHangUpCountsAsReadable() throws Exception {
    epoll.add(pair.ours(), 0, 1);
    pair.theirs().release();
    assertThat(epoll.await(1000)).isEqualTo(1);
    assertThat(epoll.ready(0)).isEqualTo(Epoll.IN);
  }

  @Test
  void moreEventsThanABatchComeInTheNext() throws Exception {
    try (Epoll small = new Epoll(1)) {
      small.add(pair.ours(), Epoll.OUT, 1);
      small.add(pair.theirs(), Epoll.OUT, 2);
      assertThat(small.await(0)).isEqualTo(1);
      long first = small.data(0);
      assertThat(small.await(0)).isEqualTo(1);
      assertThat(first + small.data(0)).isEqualTo(3);
    }
  }

  @Test
  void aSignalFromAnotherThreadWakesTheWaitingOne() throws Exception {
    epoll.add(event.fd(), Epoll.IN, 1);
    Thread other = Thread.ofPlatform().start(event::signal);
    assertThat(epoll.await(60_000)).isEqualTo(1);
    other.join();
  }

  @Test
  void signallingAClosedEventFdDoesNothing() {
    event.close();
    event.signal();
    assertThat(event.fd().isOpen()).isFalse();
  }
}
