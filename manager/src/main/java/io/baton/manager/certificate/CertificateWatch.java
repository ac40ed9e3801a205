package io.baton.manager.certificate;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Warns of certificates that expire: when a generation begins to serve, as soon as there is
 * something to say, and from then on once a day, because the number of days in a line makes it a
 * new one. Not thread safe.
 */
public final class CertificateWatch {
  private static final Duration PERIOD = Duration.ofMinutes(1);

  private final InstantSource clock;
  private final Consumer<String> warn;
  private final Set<String> said = new HashSet<>();
  private int generation;
  private Instant looked = Instant.EPOCH;

  /**
   * @param warn given a line for the operator
   */
  public CertificateWatch(InstantSource clock, Consumer<String> warn) {
    this.clock = clock;
    this.warn = warn;
  }

  /**
   * Time has passed: looks if it is the first time of this generation, or the last time was a
   * minute ago.
   *
   * @param generation the number of the generation that serves
   * @param certificates of this generation
   */
  public void tick(int generation, ServerCertificates certificates) {
    Instant now = clock.instant();
    if (generation != this.generation) {
      this.generation = generation;
      said.clear();
    } else if (Duration.between(looked, now).abs().compareTo(PERIOD) < 0) {
      return; // the clock may have been set back: abs
    }
    looked = now;
    List<String> problems = certificates.problems(now);
    problems.stream().filter(line -> !said.contains(line)).forEach(warn);
    said.clear();
    said.addAll(problems);
  }
}
