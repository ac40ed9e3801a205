package io.baton.manager.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Pipe;
import io.baton.posix.EventFd;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.posix.SocketPair;
import io.baton.service.Peer;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlacedTest {
  private static final HandoffKind SAVED = HandoffKind.saved("", ByteBuffer.allocate(1));
  private static final HandoffKind ASIDE = HandoffKind.savedAside("");

  private final Placed placed = new Placed();
  private final EventFd client = new EventFd();
  private final Pipe manager;
  private final Pipe worker;

  PlacedTest() throws PosixException {
    SocketPair pair = SocketPair.open();
    manager = new Pipe(pair.ours(), Pipe.newFrame());
    worker = new Pipe(pair.theirs(), Pipe.newFrame());
  }

  @AfterEach
  void close() {
    manager.close();
    worker.close();
    client.fd().close();
  }

  private static Handoff handoff(long id, HandoffKind kind) {
    return new Handoff(id, 0, new Peer.Unix(1, 2), kind);
  }

  private void add(Handoff handoff) {
    placed.add(handoff, List.of(client.fd()));
  }

  @Test
  void clientsPlacedInARowAreOnePacketWithADescriptorForEach() throws Exception {
    Handoff first = handoff(1, HandoffKind.FRESH);
    Handoff second = handoff(2, HandoffKind.BEYOND_LIMIT);
    add(first);
    assertThat(placed.fits(second)).isTrue();
    add(second);
    assertThat(placed.send(manager)).isEmpty();
    assertThat(placed.isEmpty()).isTrue();
    Pipe.Packet packet = (Pipe.Packet) worker.receive();
    assertThat(packet.messages()).isEqualTo(List.of(first, second));
    assertThat(packet.descriptors()).hasSize(2).allMatch(Fd::isOpen);
    packet.releaseDescriptors();
    assertThat(worker.receive()).isEqualTo(new Pipe.Empty());
  }

  @Test
  void soManyFitAndNoMore() throws Exception {
    Handoff fresh = handoff(1, HandoffKind.FRESH);
    for (int i = 0; i < Message.MAX_HANDOFFS; i++) {
      assertThat(placed.fits(fresh)).isTrue();
      add(fresh);
    }
    assertThat(placed.fits(fresh)).isFalse();
    assertThat(placed.send(manager)).isEmpty();
    Pipe.Packet packet = (Pipe.Packet) worker.receive();
    assertThat(packet.descriptors()).hasSize(Message.MAX_HANDOFFS);
    packet.releaseDescriptors();
  }

  @Test
  void aClientWithAStateGoesAlone() {
    add(handoff(1, HandoffKind.FRESH));
    assertThat(placed.fits(handoff(2, SAVED))).isFalse();
    assertThat(placed.send(manager)).isEmpty();
    assertThat(placed.fits(handoff(2, ASIDE))).isTrue();
    placed.add(handoff(2, ASIDE), List.of(client.fd(), client.fd()));
    assertThat(placed.fits(handoff(3, HandoffKind.FRESH))).isFalse();
    assertThat(placed.fits(handoff(3, SAVED))).isFalse();
  }

  @Test
  void whereThePipeIsFullNoneIsSent() throws Exception {
    Handoff first = handoff(1, HandoffKind.FRESH);
    Handoff second = handoff(2, HandoffKind.BEYOND_LIMIT);
    List<Handoff> left = List.of();
    int sent = -1;
    while (left.isEmpty()) {
      sent++;
      add(first);
      add(second);
      left = placed.send(manager);
    }
    assertThat(left).containsExactly(first, second);
    for (int i = 0; i < sent; i++) {
      ((Pipe.Packet) worker.receive()).releaseDescriptors();
    }
    assertThat(worker.receive()).isEqualTo(new Pipe.Empty());
  }

  @Test
  void whoCouldNotBeSentIsToldOnce() {
    Handoff first = handoff(1, HandoffKind.FRESH);
    Handoff second = handoff(2, HandoffKind.FRESH);
    add(first);
    add(second);
    worker.close();
    assertThat(placed.send(manager)).containsExactly(first, second);
    assertThat(placed.isEmpty()).isTrue();
  }
}
