package io.baton.worker.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Refused;
import io.baton.pipe.Message.Taken;
import io.baton.pipe.Pipe;
import io.baton.pipe.Pipe.Packet;
import io.baton.pipe.Refusal;
import io.baton.posix.EventFd;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.posix.SocketPair;
import io.baton.service.Peer;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which descriptor of a packet is whose. */
final class ReceptionTest {
  private final Map<Long, Fd> adopted = new LinkedHashMap<>();
  private final Reception reception = new Reception(new Adopting(), () -> {});
  private final EventFd first = new EventFd();
  private final EventFd second = new EventFd();
  private final Pipe worker;
  private final Pipe manager;

  ReceptionTest() throws PosixException {
    SocketPair pair = SocketPair.open();
    worker = new Pipe(pair.ours(), Pipe.newFrame());
    manager = new Pipe(pair.theirs(), Pipe.newFrame());
  }

  @AfterEach
  void close() {
    worker.close();
    manager.close();
    first.fd().close();
    second.fd().close();
  }

  /** Keeps in mind what it was given. */
  private final class Adopting implements Adopter {
    @Override
    public boolean knows(Handoff handoff) {
      return true;
    }

    @Override
    public Connection adopt(Handoff handoff, Fd descriptor) {
      adopted.put(handoff.id(), descriptor);
      return new Connection() {
        @Override
        public void start() {}

        @Override
        public void abandon() {}
      };
    }

    @Override
    public @Nullable Refusal whyNot(Handoff handoff, HandoffKind.Unserved connection) {
      return connection.search() == HandoffKind.Search.ASK ? Refusal.NOT_HERE : null;
    }

    @Override
    public Connection adopt(Handoff handoff, ByteBuffer state, Fd descriptor) {
      return adopt(handoff, descriptor);
    }

    @Override
    public void resume(Handoff handoff, ByteBuffer state, List<Fd> connections, Verdict verdict) {
      throw new IllegalArgumentException("nothing is resumed here");
    }
  }

  private static Handoff fresh(long id) {
    return new Handoff(id, 0, new Peer.Unix(1, 2), HandoffKind.FRESH);
  }

  private void receive(List<Message> handoffs, boolean descriptorLost)
      throws MalformedMessageException {
    Packet packet = new Packet(handoffs, List.of(first.fd(), second.fd()), descriptorLost);
    int used = 0;
    for (Message each : handoffs) {
      used += reception.receive((Handoff) each, packet, used);
    }
  }

  private List<Message> answers() throws MalformedMessageException {
    assertThat(reception.settle(worker)).isEqualTo(Pipe.Sent.YES);
    return ((Packet) manager.receive()).messages();
  }

  @Test
  void eachHandoffGetsItsOwn() throws Exception {
    receive(List.of(fresh(7), fresh(8)), false);
    assertThat(adopted).containsExactly(Map.entry(7L, first.fd()), Map.entry(8L, second.fd()));
    assertThat(answers()).containsExactly(new Taken(7), new Taken(8));
  }

  @Test
  void whereSomeWereLostTheFirstAreTakenAndTheRestIsRefused() throws Exception {
    receive(List.of(fresh(7), fresh(8), fresh(9), fresh(10)), true);
    assertThat(adopted).containsExactly(Map.entry(7L, first.fd()), Map.entry(8L, second.fd()));
    assertThat(answers())
        .containsExactly(
            new Taken(7),
            new Taken(8),
            new Refused(9, Refusal.NO_DESCRIPTORS, ""),
            new Refused(10, Refusal.NO_DESCRIPTORS, ""));
  }

  @Test
  void oneTooFewThatWasNotLostIsTheManagersMistake() {
    assertThatThrownBy(() -> receive(List.of(fresh(7), fresh(8), fresh(9)), false))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageStartingWith("a handoff without its descriptor: Handoff[id=9");
  }
}
