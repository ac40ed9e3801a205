package io.baton.manager.fleet;

import java.util.Arrays;
import java.util.Optional;

/** The way in which a server is to stop. */
public enum StopMode {
  /** What was accepted is answered, then sessions end. */
  GRACEFUL(""),

  /** Connections are closed at once. */
  NOW("--now"),

  /**
   * As GRACEFUL, but sessions whose clients can come back wait until other machines have taken
   * them.
   */
  DRAIN("--drain");

  private final String option;

  StopMode(String option) {
    this.option = option;
  }

  /** Returns the option of {@code bin/stop} and of the admin socket's {@code stop}. */
  public String option() {
    return option;
  }

  /** Returns the mode with this option; empty if there is none. */
  public static Optional<StopMode> of(String option) {
    return Arrays.stream(values()).filter(each -> each.option.equals(option)).findFirst();
  }
}
