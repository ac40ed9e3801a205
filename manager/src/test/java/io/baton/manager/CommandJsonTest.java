package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.fleet.DrainOutcome;
import org.junit.jupiter.api.Test;

class CommandJsonTest {

  private static String drained(DrainOutcome outcome) {
    return CommandJson.reply("stop --drain", new Reply(Reply.DONE, "it ended\n", null, outcome));
  }

  @Test
  void aDrainSaysInNumbersWhatHasBecomeOfAllSessions() {
    assertThat(drained(new DrainOutcome.Counted(512, 31, 22, 20)))
        .isEqualTo(
            """
            {
              "command" : "stop",
              "result" : "done",
              "drained" : true,
              "taken" : 512,
              "ended" : 31,
              "lost" : 22,
              "lostWithWorkers" : 20,
              "text" : "it ended"
            }
            """);
  }

  @Test
  void aDrainThatWasNoneSaysWhy() {
    assertThat(drained(new DrainOutcome.Undrained("it is late")))
        .isEqualTo(
            """
            {
              "command" : "stop",
              "result" : "done",
              "drained" : false,
              "reason" : "it is late",
              "text" : "it ended"
            }
            """);
  }

  @Test
  void anOrdinaryStopSaysNoMore() {
    assertThat(CommandJson.reply("stop", new Reply(Reply.DONE, "it ended\n")))
        .isEqualTo(
            """
            {
              "command" : "stop",
              "result" : "done",
              "text" : "it ended"
            }
            """);
  }
}
