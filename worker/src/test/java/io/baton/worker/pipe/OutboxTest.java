package io.baton.worker.pipe;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.pipe.Load;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.LoadReport;
import io.baton.pipe.Message.Pong;
import io.baton.pipe.Message.ToManager;
import io.baton.pipe.PeerKey;
import io.baton.pipe.Pipe;
import io.baton.pipe.Pipe.Packet;
import io.baton.posix.SocketPair;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class OutboxTest {
  private static final PeerKey PEER = new PeerKey(PeerKey.Kind.UNIX, 7);

  private final Departures departures = new Departures(2);
  private final Outbox outbox = new Outbox(departures);

  @Test
  void ofTheReportsThatWaitOnlyTheNewestIsSent() throws Exception {
    SocketPair pair = SocketPair.open();
    try (Pipe worker = new Pipe(pair.ours(), Pipe.newFrame());
        Pipe manager = new Pipe(pair.theirs(), Pipe.newFrame())) {
      int pongs = 0;
      while (outbox.flush(worker) == Pipe.Sent.YES) {
        outbox.add(new Pong(pongs++));
      }
      outbox.report(load(1));
      outbox.report(load(2));

      List<Message> received = new ArrayList<>();
      boolean more = true;
      while (more) {
        switch (manager.receive()) {
          case Packet packet -> {
            received.addAll(packet.messages());
            outbox.flush(worker);
          }
          case Pipe.Empty _, Pipe.End _ -> more = false;
        }
      }
      assertThat(received).hasSize(pongs + 1).last().isEqualTo(new LoadReport(load(2)));
      assertThat(outbox.isEmpty()).isTrue();
    }
  }

  @Test
  void aReportOfLatencyOrSessionsWaitsUntilThePipeHasIt() throws Exception {
    for (ToManager report :
        List.of(new Message.Latency(ByteBuffer.allocate(1)), Message.SessionReport.NONE)) {
      SocketPair pair = SocketPair.open();
      try (Pipe worker = new Pipe(pair.ours(), Pipe.newFrame());
          Pipe manager = new Pipe(pair.theirs(), Pipe.newFrame())) {
        assertThat(outbox.reportsWait()).isFalse();
        outbox.add(report);
        assertThat(outbox.reportsWait()).isTrue();
        assertThat(outbox.flush(worker)).isEqualTo(Pipe.Sent.YES);
        assertThat(outbox.reportsWait()).isFalse();
        assertThat(((Packet) manager.receive()).messages()).containsExactly(report);
      }
    }
  }

  @Test
  void departuresGoWithTheNextReportAndBeforeIt() throws Exception {
    SocketPair pair = SocketPair.open();
    try (Pipe worker = new Pipe(pair.ours(), Pipe.newFrame());
        Pipe manager = new Pipe(pair.theirs(), Pipe.newFrame())) {
      departures.add(0, null, false);
      departures.add(1, PEER, false);
      departures.add(0, null, false);
      departures.add(1, PEER, false);
      departures.add(1, new PeerKey(PeerKey.Kind.UNIX, 8), false);
      assertThat(outbox.flush(worker)).isEqualTo(Pipe.Sent.YES);
      assertThat(manager.receive()).as("they can wait").isEqualTo(new Pipe.Empty());

      outbox.report(load(1));
      outbox.flush(worker);
      assertThat(((Packet) manager.receive()).messages())
          .containsExactlyInAnyOrder(
              new Departed(0, null, 2),
              new Departed(1, PEER, 2),
              new Departed(1, new PeerKey(PeerKey.Kind.UNIX, 8), 1));
      assertThat(((Packet) manager.receive()).messages())
          .isEqualTo(List.of(new LoadReport(load(1))));

      outbox.report(load(2));
      outbox.flush(worker);
      assertThat(((Packet) manager.receive()).messages())
          .as("they are told once")
          .isEqualTo(List.of(new LoadReport(load(2))));
    }
  }

  @Test
  void manyDeparturesWaitForNoReport() throws Exception {
    SocketPair pair = SocketPair.open();
    try (Pipe worker = new Pipe(pair.ours(), Pipe.newFrame());
        Pipe manager = new Pipe(pair.theirs(), Pipe.newFrame())) {
      departures.watch(() -> outbox.flush(worker));
      for (int i = 0; i < Departures.MANY - 1; i++) {
        departures.add(0, null, false);
      }
      assertThat(manager.receive()).isEqualTo(new Pipe.Empty());
      departures.add(1, PEER, false);
      assertThat(((Packet) manager.receive()).messages())
          .isEqualTo(List.of(new Departed(0, null, Departures.MANY - 1), new Departed(1, PEER, 1)));
    }
  }

  @Test
  void departuresOfAnyNumberOfPeersAreTold() throws Exception {
    SocketPair pair = SocketPair.open();
    try (Pipe worker = new Pipe(pair.ours(), Pipe.newFrame());
        Pipe manager = new Pipe(pair.theirs(), Pipe.newFrame())) {
      Set<PeerKey> expected = new HashSet<>();
      for (int i = 0; i < 10_000; i++) {
        PeerKey peer = new PeerKey(PeerKey.Kind.TCP4, i);
        expected.add(peer);
        departures.add(1, peer, false);
      }
      assertThat(outbox.flush(worker)).isEqualTo(Pipe.Sent.YES);
      Set<PeerKey> told = new HashSet<>();
      while (manager.receive() instanceof Packet packet) {
        for (Message message : packet.messages()) {
          told.add(requireNonNull(((Departed) message).peer()));
        }
      }
      assertThat(told).isEqualTo(expected);
    }
  }

  @Test
  void moreThanItsBoundIsOurOwnMistake() {
    for (int i = 0; i < Outbox.MAX; i++) {
      outbox.add(new Pong(i));
    }
    assertThatThrownBy(() -> outbox.add(new Pong(0))).isInstanceOf(IllegalStateException.class);
  }

  private static Load load(int connections) {
    return new Load(
        connections,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        Load.Counters.NONE,
        Load.Memory.NONE,
        Load.Callbacks.NONE,
        Load.Mesh.NONE);
  }
}
