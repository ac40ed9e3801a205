package io.baton.manager.placement;

import io.baton.service.Peer;
import java.util.Comparator;
import java.util.List;

/**
 * The least loaded worker: busy share of its loop, plus what waited for it, plus what it was given
 * since it said so; ties go to the fewest connections.
 *
 * <p>One client placed weighs as much as one percent of the loop's time: between two reports a
 * worker that is 30 points busier gets 30 clients fewer, and no report can draw a whole herd to one
 * worker. Differences of less than five points are noise and count as none.
 */
final class LeastLoad implements Placement {
  private static final int NOISE_PERMILLE = 50;

  private final Placement least =
      Placement.least(
          Comparator.comparingInt(LeastLoad::score).thenComparingInt(Candidate::connections));

  @Override
  public Candidate choose(List<Candidate> candidates, Peer peer, long sequence) {
    return least.choose(candidates, peer, sequence);
  }

  private static int score(Candidate candidate) {
    int percent = candidate.busyPermille() / NOISE_PERMILLE * (NOISE_PERMILLE / 10);
    return percent + candidate.queued() + candidate.placedSinceReport();
  }
}
