package io.baton.manager;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The times at which sessions began, whichever worker they are in by now. Their ids are numbers of
 * connections, which rise; so it is enough to remember from time to time which was the last one.
 * What is remembered is thinned out as it gets older: an age is known to a {@value #PRECISION}th of
 * itself or to the time between two samples, whichever is longer. Not thread safe.
 */
final class SessionAges {
  private static final int PRECISION = 64;

  /** The last id that was given until a time. */
  private record Sample(long id, long ms) {}

  /** The oldest first. At most some {@value #PRECISION} for each time that their age doubles. */
  private List<Sample> samples = new ArrayList<>();

  private int thinAt = 4 * PRECISION;

  /** Remembers the last id that was given until now. */
  void sample(long id, long nowMs) {
    if (!samples.isEmpty() && samples.getLast().id == id) {
      return;
    }
    samples.add(new Sample(id, nowMs));
    if (samples.size() >= thinAt) {
      thin(nowMs);
      thinAt = 2 * samples.size();
    }
  }

  /** Removes those that are hardly younger than the one before them, but for the last. */
  private void thin(long nowMs) {
    Sample newest = samples.removeLast();
    List<Sample> kept = new ArrayList<>();
    for (Sample each : samples) {
      long before = kept.isEmpty() ? Long.MIN_VALUE / 2 : kept.getLast().ms;
      if (each.ms - before >= (nowMs - each.ms) / PRECISION) {
        kept.add(each);
      }
    }
    kept.add(newest);
    samples = kept;
  }

  /** Returns for how long there has been a session with this id. */
  long ageMs(long id, long nowMs) {
    int at = first(sample -> sample.id >= id);
    return at == samples.size() ? 0 : Math.max(0, nowMs - samples.get(at).ms);
  }

  /** Returns the highest id of sessions that have been there for so long; 0 if there are none. */
  long lastOlderThan(long ms, long nowMs) {
    int at = first(sample -> nowMs - sample.ms < ms);
    return at == 0 ? 0 : samples.get(at - 1).id;
  }

  /** Returns the index of the first of which this is true, as it is of all behind it. */
  private int first(Predicate<Sample> isTrue) {
    int from = 0;
    int to = samples.size();
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (isTrue.test(samples.get(middle))) {
        to = middle;
      } else {
        from = middle + 1;
      }
    }
    return from;
  }

  int size() {
    return samples.size();
  }
}
