package io.baton.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.pipe.Message.Drain;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Ping;
import io.baton.pipe.Message.Pong;
import io.baton.pipe.Message.Taken;
import io.baton.posix.Descriptors;
import io.baton.posix.Fd;
import io.baton.posix.Frame;
import io.baton.posix.MemFd;
import io.baton.posix.PosixException;
import io.baton.posix.SocketPair;
import io.baton.service.Peer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PipeTest {

  private final Frame frame = Pipe.newFrame();
  private final Pipe manager;
  private final Pipe worker;

  PipeTest() throws PosixException {
    SocketPair pair = SocketPair.open();
    manager = new Pipe(pair.ours(), frame);
    worker = new Pipe(pair.theirs(), frame);
  }

  @AfterEach
  void close() {
    manager.close();
    worker.close();
  }

  @Test
  void aHandoffArrivesWithItsDescriptor() throws Exception {
    Handoff handoff = new Handoff(1, 2, new Peer.Unix(3, 4), HandoffKind.FRESH);
    try (Fd file = MemFd.sealed("test", "hello".getBytes(StandardCharsets.UTF_8))) {
      assertThat(manager.send(handoff, file)).isEqualTo(Pipe.Sent.YES);
    }
    Pipe.Packet packet = (Pipe.Packet) worker.receive();
    assertThat(packet.messages()).isEqualTo(List.of(handoff));
    assertThat(packet.descriptorLost()).isFalse();
    try (Fd arrived = packet.descriptors().getFirst()) {
      assertThat(MemFd.read(arrived, 10)).asString().isEqualTo("hello");
    }
    assertThat(worker.receive()).isEqualTo(new Pipe.Empty());
  }

  @Test
  void severalMessagesShareAPacket() throws Exception {
    List<Message> messages = List.of(new Taken(1), new Taken(2), new Pong(3));
    assertThat(worker.send(messages, List.of())).isEqualTo(Pipe.Sent.YES);
    assertThat(manager.receive()).isEqualTo(new Pipe.Packet(messages, List.of(), false));
  }

  @Test
  void anOversizedPacketIsMalformedAndItsDescriptorClosed() throws Exception {
    Frame oversized = new Frame(Message.MAX_PACKET + 1);
    Descriptors.assertNoneLeft(() -> {
      oversized.payload().clear().position(Message.MAX_PACKET + 1);
      assertThat(oversized.send(worker.fd(), worker.fd())).isPositive();
      assertThatThrownBy(manager::receive)
          .isInstanceOf(MalformedMessageException.class)
          .hasMessage("a packet of more than 38912 bytes");
    });
  }

  @Test
  void aPacketOfTheGreatestSizeArrives() throws Exception {
    int head = 3;
    Message.Latency latency = new Message.Latency(ByteBuffer.allocate(Message.MAX_PACKET - head));
    assertThat(worker.send(latency, null)).isEqualTo(Pipe.Sent.YES);
    assertThat(manager.receive()).isEqualTo(new Pipe.Packet(List.of(latency), List.of(), false));
  }

  @Test
  void aGarbledPacketIsMalformedAndItsDescriptorClosed() throws Exception {
    Descriptors.assertNoneLeft(() -> {
      frame.payload().clear().put((byte) 99);
      assertThat(frame.send(worker.fd(), worker.fd())).isEqualTo(1);
      assertThatThrownBy(manager::receive)
          .isInstanceOf(MalformedMessageException.class)
          .hasMessage("an unknown message type 99");
    });
  }

  @Test
  void anEmptyPacketIsTheEndAndItsDescriptorClosed() throws Exception {
    Descriptors.assertNoneLeft(() -> {
      frame.payload().clear();
      assertThat(frame.send(worker.fd(), worker.fd())).isZero();
      assertThat(manager.receive()).isEqualTo(new Pipe.End());
    });
  }

  @Test
  void aClosedEndIsTheEndForOneWhoReceivesAndGoneForOneWhoSends() throws Exception {
    worker.send(new Taken(1), null);
    worker.close();
    assertThat(manager.send(new Ping(1), null)).isEqualTo(Pipe.Sent.GONE);
    assertThat(manager.receive())
        .isEqualTo(new Pipe.Packet(List.of(new Taken(1)), List.of(), false));
    assertThat(manager.receive()).isEqualTo(new Pipe.End());
    assertThat(manager.receive()).isEqualTo(new Pipe.End());
  }

  @Test
  void aWorkerThatDiedWithUnreadHandoffsIsStillHeardToTheEnd() throws Exception {
    try (Fd client = MemFd.sealed("client", new byte[0])) {
      manager.send(new Handoff(1, 0, new Peer.Unix(1, 1), HandoffKind.FRESH), client);
    }
    manager.send(new Handoff(2, 0, new Peer.Unix(1, 1), HandoffKind.FRESH), null);
    worker.send(new Taken(7), null);
    worker.send(new Taken(8), null);
    worker.close();
    assertThat(manager.receive())
        .isEqualTo(new Pipe.Packet(List.of(new Taken(7)), List.of(), false));
    assertThat(manager.receive())
        .isEqualTo(new Pipe.Packet(List.of(new Taken(8)), List.of(), false));
    assertThat(manager.receive()).isEqualTo(new Pipe.End());
  }

  @Test
  void theManagersCopyOfTheWorkersEndYieldsWhatWasNotReceived() throws Exception {
    Handoff handoff = new Handoff(1, 0, new Peer.Unix(1, 1), HandoffKind.FRESH);
    manager.send(handoff, manager.fd());
    Pipe.Packet recalled = (Pipe.Packet) worker.receive();
    assertThat(recalled.messages()).isEqualTo(List.of(handoff));
    recalled.releaseDescriptors();
  }

  @Test
  void aFullPipeTakesMoreOnceItIsDrained() throws Exception {
    int sent = 0;
    while (manager.send(new Ping(sent), null) == Pipe.Sent.YES) {
      sent++;
    }
    assertThat(manager.send(new Ping(sent), null)).isEqualTo(Pipe.Sent.FULL);
    assertThat(sent).isGreaterThan(100);
    ArrayDeque<Message> queue = new ArrayDeque<>(List.of(new Ping(sent), new Drain(9)));
    assertThat(manager.flush(queue)).isEqualTo(Pipe.Sent.FULL);
    assertThat(queue).hasSize(2);

    for (int i = 0; i < sent; i++) {
      assertThat(worker.receive())
          .isEqualTo(new Pipe.Packet(List.of(new Ping(i)), List.of(), false));
    }
    assertThat(manager.flush(queue)).isEqualTo(Pipe.Sent.YES);
    assertThat(queue).isEmpty();
    assertThat(worker.receive())
        .isEqualTo(new Pipe.Packet(List.of(new Ping(sent)), List.of(), false));
    assertThat(worker.receive())
        .isEqualTo(new Pipe.Packet(List.of(new Drain(9)), List.of(), false));
  }

  @Test
  void waitingForThePacketWaits() throws Exception {
    Pipe second = new Pipe(worker.fd(), Pipe.newFrame());
    Thread sender = Thread.ofPlatform().start(() -> second.send(new Pong(5), null));
    assertThat(manager.receiveWaiting())
        .isEqualTo(new Pipe.Packet(List.of(new Pong(5)), List.of(), false));
    sender.join();
    worker.close();
    assertThat(manager.receiveWaiting()).isEqualTo(new Pipe.End());
  }
}
