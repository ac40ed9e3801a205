package io.baton.testing;

/**
 * The length of a test that finds more the longer it runs: all of it under {@code mvn verify
 * -Pnightly} ({@code -Dbaton.nightly=true}), a share of it under {@code mvn verify}.
 */
public final class Nightly {
  static final boolean ON = Boolean.getBoolean("baton.nightly");

  /** The tag of tests that run under {@code mvn verify -Pnightly} only. */
  public static final String ONLY = "nightly";

  private Nightly() {}

  /** Returns whether tests do all that they can. */
  public static boolean isOn() {
    return ON;
  }

  /**
   * Returns how often a test repeats what it does.
   *
   * @param share under {@code mvn verify}: enough to find what is broken
   */
  public static int of(int all, int share) {
    return of(ON, all, share);
  }

  static int of(boolean on, int all, int share) {
    if (share < 1 || all < share) {
      throw new IllegalArgumentException("a share of " + share + " of " + all);
    }
    return on ? all : share;
  }
}
