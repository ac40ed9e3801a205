package io.baton.bench;

import io.baton.bench.Options.Option;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Rounds in which contestants take turns, so that the machine's moods meet all alike. Each round
 * begins with another one, so that nobody always comes after the same.
 *
 * @param warmUp seconds of each turn in a round that does not count; 0: there is none
 * @param rounds that count
 * @param seconds of each turn in those
 */
record Turns(int warmUp, int rounds, int seconds) {
  /** A round. */
  interface Round<C> {
    void run(List<C> contestants, int forSeconds) throws IOException, InterruptedException;
  }

  static Turns of(Options options, Option warmUp, Option rounds, Option seconds) {
    return new Turns(options.get(warmUp), options.get(rounds), options.get(seconds));
  }

  /**
   * Runs the rounds.
   *
   * @param forget drops what the round that does not count has found
   */
  <C> void run(List<C> contestants, Round<C> round, Runnable forget)
      throws IOException, InterruptedException {
    List<C> inTurn = new ArrayList<>(contestants);
    if (warmUp > 0) {
      System.out.println("warming up");
      round.run(inTurn, warmUp);
      forget.run();
    }
    for (int i = 1; i <= rounds; i++) {
      System.out.println("round " + i + " of " + rounds);
      round.run(inTurn, seconds);
      Collections.rotate(inTurn, -1);
    }
  }
}
