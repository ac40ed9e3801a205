package io.baton.pipe;

import java.nio.ByteBuffer;

/**
 * The kind of a {@link Message.Handoff}: what a client brings along, and so what its next worker
 * has to do with it.
 */
public sealed interface HandoffKind {

  HandoffKind FRESH = new Fresh();
  HandoffKind BEYOND_LIMIT = new BeyondLimit();

  /** Returns the number of descriptors that accompany the handoff: the client's is the first. */
  int descriptors();

  /** A client from which nothing was read yet. */
  record Fresh() implements HandoffKind {
    @Override
    public int descriptors() {
      return 1;
    }
  }

  /** A client beyond a limit: it is told so in its protocol, and closed. */
  record BeyondLimit() implements HandoffKind {
    @Override
    public int descriptors() {
      return 1;
    }
  }

  /**
   * A connection with the session that its last worker saved.
   *
   * @param protocol that is spoken, one of its listener's; at most {@link
   *     Message#MAX_PROTOCOL_BYTES} of its name
   * @param state written and read by workers only
   * @param returned whether it goes back to the worker that gave it, because no other would have
   *     it; only the manager says so
   */
  record Saved(String protocol, State state, boolean returned) implements HandoffKind {
    @Override
    public int descriptors() {
      return switch (state) {
        case State.Inline _ -> 1;
        case State.Aside _ -> 2;
      };
    }

    /** Returns the same, as it goes back to the worker that gave it. */
    public Saved returning() {
      return new Saved(protocol, state, true);
    }
  }

  /** The place where a saved session's state is. */
  sealed interface State {

    /** The state is in the message, at most {@link Message#MAX_INLINE_STATE} bytes. */
    record Inline(ByteBuffer bytes) implements State {}

    /** The state is in a sealed memory file, the handoff's second descriptor. */
    record Aside() implements State {}
  }

  /** Returns the kind of a connection that a worker gives with its state in the message. */
  static Saved saved(String protocol, ByteBuffer state) {
    return new Saved(protocol, new State.Inline(state), false);
  }

  /** Returns the kind of a connection that a worker gives with its state in a memory file. */
  static Saved savedAside(String protocol) {
    return new Saved(protocol, new State.Aside(), false);
  }
}
