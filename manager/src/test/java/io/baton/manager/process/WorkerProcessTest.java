package io.baton.manager.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings.PlacementKind;
import io.baton.manager.fleet.Generation;
import io.baton.manager.fleet.TestSettings;
import io.baton.pipe.Message.Drain;
import io.baton.pipe.Message.First;
import io.baton.pipe.Message.Give;
import io.baton.pipe.Message.Hello;
import io.baton.pipe.Message.Ping;
import io.baton.pipe.Pipe;
import io.baton.posix.EventFd;
import io.baton.posix.SocketPair;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerProcessTest {

  private static Give give(long total) {
    return new Give(total, First.IDLEST);
  }

  @Test
  void whatWasTakenBackIsSaidBeforeWhatCameLaterAndOfTwoAllowancesTheLaterCounts()
      throws Exception {
    SocketPair pair = SocketPair.open();
    try (Pipe ours = new Pipe(pair.ours(), Pipe.newFrame());
        Pipe theirs = new Pipe(pair.theirs(), Pipe.newFrame());
        EventFd pidfd = new EventFd()) {
      Generation generation =
          Generation.first(TestSettings.with(1, 1, PlacementKind.ROUND_ROBIN, TestSettings.FLEET));
      WorkerProcess process =
          new WorkerProcess(1, generation, 4711, pidfd.fd(), ours, theirs, null);
      while (ours.send(new Ping(1), null) == Pipe.Sent.YES) {} // until it is full
      process.tell(give(8));
      process.tell(give(3));
      process.tell(new Drain(7));
      process.tellAgain(List.of(new Hello(1, 1, 1, 1, List.of()), give(5)));
      assertThat(process.outbox())
          .containsExactly(new Hello(1, 1, 1, 1, List.of()), give(5), give(3), new Drain(7));
    }
  }
}
