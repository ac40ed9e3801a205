package io.baton.pipe;

import java.util.random.RandomGenerator;

/**
 * The numbers of sessions: a server counts from 1, one of a cluster from a random number of {@value
 * #RANDOM_BITS} bits, times 2^{@value #COUNT_BITS}, so that no two machines are likely to give the
 * same.
 */
public final class SessionNumbers {
  private static final int RANDOM_BITS = 23;
  private static final int COUNT_BITS = 40;

  private SessionNumbers() {}

  /** Returns the number behind which a server of a cluster counts. */
  public static long ofCluster(RandomGenerator random) {
    return random.nextLong(1, 1L << RANDOM_BITS) << COUNT_BITS;
  }

  /** Whether a number was given since its server is one of a cluster. */
  public static boolean isOfCluster(long number) {
    return number >= 1L << COUNT_BITS;
  }
}
