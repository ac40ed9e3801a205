package io.baton.worker.elsewhere;

import io.baton.service.SessionKey;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The place where sessions of other machines go on. Event loop only. */
public interface ArrivingSessions {
  /** A session that is ready to go on here: exactly one of the two is called. */
  interface Arrival {
    /** It is this worker's: it goes on, and waits for its client. */
    void start();

    /** It is not. */
    void abandon();
  }

  /**
   * Has a session resume.
   *
   * @param resumed told once: null if it cannot go on here; perhaps before this returns
   */
  void resume(
      SessionKey key, String listener, ByteBuffer state, Consumer<@Nullable Arrival> resumed);
}
