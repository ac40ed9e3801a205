package io.baton.testing;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The seeds of tests with random input. {@code -Dbaton.seed=N} sets them all: a test with one seed
 * takes N, and one that goes through many looks into N alone. Without it they are the same each
 * time, so that what {@code mvn verify} checks changes with the code only; under {@link Nightly}
 * they are new each time. Each class that asks says once in its output which seeds it has.
 */
public final class Seeds {
  private static final Seeds OF_THIS_RUN =
      new Seeds(Long.getLong("baton.seed"), Nightly.ON, System::nanoTime);

  /** New seeds have at most six digits: they are there to be typed. */
  private static final long NEW_SEEDS = 1_000_000;

  private final @Nullable Long set;
  private final boolean nightly;
  private final LongSupplier entropy;
  private final Set<String> said = ConcurrentHashMap.newKeySet();

  /**
   * @param set what everybody gets, if somebody said so
   */
  Seeds(@Nullable Long set, boolean nightly, LongSupplier entropy) {
    this.set = set;
    this.nightly = nightly;
    this.entropy = entropy;
  }

  /** Returns the one seed of a test. */
  public static long one(Class<?> test) {
    return OF_THIS_RUN.oneOf(test);
  }

  /** Returns the one seed of a test that is to do something else each time. */
  public static long fresh(Class<?> test) {
    return OF_THIS_RUN.freshOf(test);
  }

  /**
   * Returns the seeds of a test that goes through many.
   *
   * @param all so many under {@link Nightly}
   * @param share so many otherwise
   */
  public static LongStream many(Class<?> test, int all, int share) {
    return OF_THIS_RUN.manyOf(test, all, share);
  }

  /** Tells whether somebody has set the seed, so that a test with many has one only. */
  public static boolean isOne() {
    return OF_THIS_RUN.set != null;
  }

  long oneOf(Class<?> test) {
    return nightly ? freshOf(test) : say(test, set == null ? 1 : set, 1);
  }

  long freshOf(Class<?> test) {
    return say(test, set == null ? fresh() : set, 1);
  }

  LongStream manyOf(Class<?> test, int all, int share) {
    int n = set == null ? Nightly.of(nightly, all, share) : 1;
    long first = say(test, set != null ? set : nightly ? fresh() : 1, n);
    return LongStream.range(first, first + n);
  }

  private long fresh() {
    return 1 + Math.floorMod(entropy.getAsLong() / 1_000, NEW_SEEDS);
  }

  private long say(Class<?> test, long first, int n) {
    String name = test.getSimpleName();
    String seeds = n == 1 ? "seed " + first : "seeds " + first + " to " + (first + n - 1);
    if (said.add(name + seeds)) {
      System.out.println(name + ": " + seeds + " (to set it: -Dbaton.seed=N)");
    }
    return first;
  }
}
