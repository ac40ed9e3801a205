package io.baton.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.pipe.Load;
import io.baton.pipe.Message;
import io.baton.pipe.Message.LoadReport;
import io.baton.pipe.Message.Pong;
import io.baton.pipe.Pipe;
import io.baton.pipe.Pipe.Packet;
import io.baton.posix.SocketPair;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OutboxTest {
  private final Outbox outbox = new Outbox();

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
  void moreThanItsBoundIsOurOwnMistake() {
    for (int i = 0; i < Outbox.MAX; i++) {
      outbox.add(new Pong(i));
    }
    assertThatThrownBy(() -> outbox.add(new Pong(0))).isInstanceOf(IllegalStateException.class);
  }

  private static Load load(int connections) {
    return new Load(connections, 0, 0, 0, 0, 0, 0, 0, Load.Counters.NONE);
  }
}
