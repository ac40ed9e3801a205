package io.baton.systemtest;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** Waits for what must come; how long that takes is the machine's affair. */
final class Wait {
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final Duration POLL = Duration.ofMillis(50);

  private Wait() {}

  static void until(String what, Callable<Boolean> condition) {
    Awaitility.await(what).atMost(LONG).pollInterval(POLL).until(condition);
  }

  /** Waits until a value is as wanted, and returns it; the last one seen is in the complaint. */
  static <T> T until(String what, Callable<T> value, Predicate<T> wanted) {
    AtomicReference<T> last = new AtomicReference<>();
    try {
      return Awaitility.await(what)
          .atMost(LONG)
          .pollInterval(POLL)
          .until(
              () -> {
                T now = value.call();
                last.set(now);
                return now;
              },
              wanted);
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError(what + " did not come; the last seen is " + last.get(), e);
    }
  }
}
