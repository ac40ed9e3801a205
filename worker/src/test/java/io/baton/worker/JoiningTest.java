package io.baton.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.SettingsFixture;
import io.baton.mesh.MeshMessage.Synced;
import io.baton.mesh.MeshSocket;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Joined;
import io.baton.pipe.Message.LoadReport;
import io.baton.pipe.Message.Neighbours;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Neighbour;
import io.baton.posix.Fd;
import io.baton.posix.SocketPair;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A worker that wants links to others; the test is manager and neighbour. */
class JoiningTest {
  private static final Neighbour NEIGHBOUR = new Neighbour(7, 1, 3);

  private final FakeManager manager = new FakeManager();
  private final Worker worker =
      new Worker(
          SettingsFixture.settings("worker.load-interval = 10ms"), List.of(), manager.workersEnd);

  JoiningTest() throws Exception {}

  @AfterEach
  void close() {
    worker.close();
    manager.close();
  }

  private void introduce(List<Neighbour> neighbours, List<Fd> links) {
    assertThat(manager.pipe.send(List.of(new Neighbours(neighbours, true)), links)).isNotNull();
    links.forEach(Fd::release);
  }

  @Test
  void itJoinsAndIsReadyWhenItKnowsThatNobodyElseIsThere() throws Exception {
    worker.join();
    worker.start();
    assertThat(manager.receive()).isEqualTo(List.of(new Joined()));
    introduce(List.of(), List.of());
    assertThat(manager.receive()).first().isInstanceOf(Ready.class);
  }

  @Test
  void itIsReadyWhenItsNeighboursHaveSaidSynced() throws Exception {
    worker.join();
    worker.start();
    assertThat(manager.receive()).isEqualTo(List.of(new Joined()));
    SocketPair link = SocketPair.open();
    introduce(List.of(NEIGHBOUR), List.of(link.theirs()));
    try (MeshSocket neighbour = new MeshSocket(link.ours(), MeshSocket.newFrame())) {
      LoadReport report = manager.await(LoadReport.class);
      while (report.load().mesh().links() == 0) {
        report = next();
      }
      MeshSocket.Received received = neighbour.receive();
      while (received instanceof MeshSocket.Empty) {
        Thread.onSpinWait();
        received = neighbour.receive();
      }
      assertThat(received).isEqualTo(new MeshSocket.Packet(List.of(new Synced())));
      neighbour.send(List.of(new Synced()));
      Ready ready = manager.await(Ready.class);
      assertThat(ready).isNotNull();
    }
    while (next().load().mesh().links() > 0) {}
  }

  /** The next report, before which it does not say Ready. */
  private LoadReport next() throws Exception {
    List<Message> packet = manager.any();
    while (!(packet.getFirst() instanceof LoadReport)) {
      assertThat(packet).noneMatch(Ready.class::isInstance);
      packet = manager.any();
    }
    return (LoadReport) packet.getFirst();
  }

  @Test
  void itEndsIfItGetsLinksThatItHasNotAskedFor() throws Exception {
    worker.start();
    assertThat(manager.receive()).first().isInstanceOf(Ready.class);
    SocketPair link = SocketPair.open();
    introduce(List.of(NEIGHBOUR), List.of(link.theirs()));
    assertThat(worker.awaitEnd()).isEqualTo(Worker.End.CONFUSED);
    link.ours().release();
  }

  @Test
  void itEndsIfItIsToldOfNeighboursWithoutLinksToThem() throws Exception {
    worker.join();
    worker.start();
    introduce(List.of(NEIGHBOUR), List.of());
    assertThat(worker.awaitEnd()).isEqualTo(Worker.End.CONFUSED);
  }
}
