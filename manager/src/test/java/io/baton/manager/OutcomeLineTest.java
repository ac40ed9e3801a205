package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.fleet.DrainOutcome;
import io.baton.manager.fleet.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutcomeLineTest {

  private static Outcome outcome(
      Outcome.Kind kind,
      int to,
      int started,
      int ended,
      long migrated,
      long finished,
      long closed) {
    return new Outcome(
        kind,
        Outcome.End.DONE,
        3,
        to,
        started,
        ended,
        migrated,
        finished,
        closed,
        1_234,
        "",
        List.of());
  }

  @Test
  void aDrainSaysWhatHasBecomeOfAllSessions() {
    assertThat(OutcomeLine.drain(new DrainOutcome.Counted(1_512, 31, 2, 0)))
        .isEqualTo("sessions: 1,512 taken by other machines, 31 ended, 2 lost");
    assertThat(OutcomeLine.drain(new DrainOutcome.Counted(512, 31, 22, 20)))
        .isEqualTo(
            "sessions: 512 taken by other machines, 31 ended, 22 lost,"
                + " 20 of them with workers that failed: the log says why");
    assertThat(OutcomeLine.drain(new DrainOutcome.Undrained("it is late")))
        .isEqualTo(
            "no session went on at another machine: it is late; all ended as by bin/stop without"
                + " --drain");
  }

  @Test
  void aReloadNamesBothGenerations() {
    assertThat(OutcomeLine.reload(outcome(Outcome.Kind.RELOAD, 4, 2, 2, 1_532, 3, 0)))
        .isEqualTo(
            "generation 3 → 4: 2 workers replaced, 1,532 connections migrated, 3 finished, 0 closed,"
                + " 1.2 s");
    assertThat(OutcomeLine.reload(outcome(Outcome.Kind.RELOAD, 4, 1, 1, 1, 0, 1)))
        .isEqualTo(
            "generation 3 → 4: 1 worker replaced, 1 connection migrated, 0 finished, 1 closed, 1.2 s");
    assertThat(OutcomeLine.reload(outcome(Outcome.Kind.RELOAD, 4, 4, 2, 0, 0, 0)))
        .startsWith("generation 3 → 4: 2 workers replaced by 4, 0 connections migrated");
  }

  @Test
  void recyclingNamesTheWorkersThatWere() {
    assertThat(OutcomeLine.recycle(outcome(Outcome.Kind.RECYCLE, 3, 2, 2, 7, 0, 0)))
        .isEqualTo(
            "generation 3: 2 workers recycled, 7 connections migrated, 0 finished, 0 closed, 1.2 s");
  }

  @Test
  void scalingNamesTheWorkersThatAre() {
    assertThat(OutcomeLine.scale(outcome(Outcome.Kind.SCALE, 3, 2, 0, 0, 0, 0), 4))
        .isEqualTo(
            "generation 3: 4 workers (2 started, 0 ended), 0 connections migrated, 0 finished,"
                + " 0 closed, 1.2 s");
    assertThat(OutcomeLine.scale(outcome(Outcome.Kind.SCALE, 3, 0, 1, 1, 0, 0), 1))
        .startsWith("generation 3: 1 worker (0 started, 1 ended), 1 connection migrated");
  }
}
