package io.baton.manager.listen;

import io.baton.config.Settings;
import io.baton.posix.ServerSocket;
import org.jspecify.annotations.Nullable;

/** One listener of the current generation, and the socket it has, if it has one. */
public final class Listener {
  private final int number;
  private final Settings.Listener settings;
  private final @Nullable String problem;
  private @Nullable Bound bound;

  /**
   * @param problem why it has none, if so
   */
  Listener(
      int number, Settings.Listener settings, @Nullable Bound bound, @Nullable String problem) {
    this.number = number;
    this.settings = settings;
    this.bound = bound;
    this.problem = problem;
  }

  /** The same over all generations. */
  public int number() {
    return number;
  }

  public Settings.Listener settings() {
    return settings;
  }

  /** Whether clients can connect. */
  public boolean isBound() {
    return bound != null;
  }

  /**
   * Why clients cannot connect: an optional listener could not be bound, or a socket's file is
   * gone; else null.
   */
  public @Nullable String problem() {
    return problem == null && bound != null ? bound.problem() : problem;
  }

  @Nullable Bound bound() {
    return bound;
  }

  @Nullable ServerSocket socket() {
    return bound == null ? null : bound.socket();
  }

  void close() {
    if (bound != null) {
      bound.close();
      bound = null;
    }
  }
}
