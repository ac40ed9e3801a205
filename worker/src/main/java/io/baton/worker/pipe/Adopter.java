package io.baton.worker.pipe;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Refusal;
import io.baton.posix.Fd;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes connections of handoffs. Event loop only. */
public interface Adopter {

  /** Whether the handoff's listener is one of ours; that it is not, no manager would send. */
  boolean knows(Handoff handoff);

  /**
   * Makes the descriptor a connection that is not read yet. The descriptor is the connection's from
   * the return on; when this throws it is still the caller's.
   */
  Connection adopt(Handoff handoff, Fd descriptor);

  /** Returns why a connection that seeks its session is not taken here; null if it is. */
  @Nullable Refusal whyNot(Handoff handoff, HandoffKind.Unserved connection);

  /**
   * As {@link #adopt}, for a connection of another worker, without a session.
   *
   * @throws IllegalArgumentException if the state cannot be read here
   */
  Connection adopt(Handoff handoff, ByteBuffer state, Fd descriptor);

  /**
   * As {@link #adopt}, for a session that comes from another worker, with the descriptors of all
   * its connections; none, if it waits for its client. One of the verdict's methods is called,
   * perhaps before this returns, perhaps much later; not if this throws.
   *
   * @throws IllegalArgumentException if the state cannot be read here
   */
  void resume(Handoff handoff, ByteBuffer state, List<Fd> connections, Verdict verdict);

  /** Whether a session can go on here. */
  interface Verdict {
    void taken(Connection connection);

    /**
     * It cannot; its descriptors are closed.
     *
     * @param reason for the operator, in one line
     */
    void refused(Refusal why, String reason);
  }

  /** An adopted connection: exactly one of the two is called. */
  interface Connection {

    /** The manager was told: it is ours, and reading may begin. */
    void start();

    /** The manager could not be told: it was never ours. */
    void abandon();
  }
}
