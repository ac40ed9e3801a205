package io.baton.manager.fleet;

import io.baton.manager.text.Units;

/** The outcome of {@link StopMode#DRAIN} once the server has ended. */
public sealed interface DrainOutcome {

  /**
   * The fate of all sessions that there were; each is counted once.
   *
   * @param taken sessions that go on at other machines
   * @param ended sessions that could not go on elsewhere, and have ended here
   * @param lost sessions that have waited for another machine in vain, or were lost with a worker
   * @param lostWithWorkers those of the lost whose worker failed
   */
  record Counted(long taken, long ended, long lost, long lostWithWorkers) implements DrainOutcome {

    /** Returns it in words, in one line. */
    public String describe() {
      return "sessions: %s taken by other machines, %s ended, %s lost%s"
          .formatted(
              Units.count(taken),
              Units.count(ended),
              Units.count(lost),
              lostWithWorkers == 0
                  ? ""
                  : ", %s of them with workers that failed"
                      .formatted(Units.count(lostWithWorkers)));
    }
  }

  /**
   * The server stopped in another way.
   *
   * @param why no session could go on at another machine
   */
  record Undrained(String why) implements DrainOutcome {}
}
