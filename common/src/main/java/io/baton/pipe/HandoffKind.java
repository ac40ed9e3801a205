package io.baton.pipe;

import io.baton.posix.Frame;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The kind of a {@link Message.Handoff}: what a client brings along, and so what its next worker
 * has to do with it.
 */
public sealed interface HandoffKind {

  /**
   * The most further connections of a session: with its first one, and its state, they go in one
   * packet.
   */
  int MAX_COMPANIONS = Frame.MAX_DESCRIPTORS - 2;

  HandoffKind FRESH = new Fresh();
  HandoffKind BEYOND_LIMIT = new BeyondLimit();

  /**
   * Returns the number of descriptors that come with the handoff: first the {@link #clients}, then
   * that of the state, if it has one.
   */
  int descriptors();

  /** Returns how many of the descriptors are clients' connections. */
  int clients();

  /** A client from which nothing was read yet. */
  record Fresh() implements HandoffKind {
    @Override
    public int descriptors() {
      return 1;
    }

    @Override
    public int clients() {
      return 1;
    }
  }

  /**
   * A client beyond a limit: it is told so in its protocol, and closed; unless it turns out to be
   * one that comes back to its session.
   */
  record BeyondLimit() implements HandoffKind {
    @Override
    public int descriptors() {
      return 1;
    }

    @Override
    public int clients() {
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
   * @param key under which its client finds the session; null if it cannot
   * @param away whether the session waits for its client: there is no client's descriptor
   * @param companions the session's further connections, whose descriptors follow the client's in
   *     this order; at most {@link #MAX_COMPANIONS}, and none of a session that is away
   */
  record Saved(
      String protocol,
      State state,
      boolean returned,
      @Nullable SessionKey key,
      boolean away,
      List<Companion> companions)
      implements HandoffKind {
    public Saved {
      companions = List.copyOf(companions);
    }

    @Override
    public int descriptors() {
      return clients() + state.descriptors();
    }

    @Override
    public int clients() {
      return (away ? 0 : 1) + companions.size();
    }

    /** Returns the same, as it goes back to the worker that gave it. */
    public Saved returning() {
      return new Saved(protocol, state, true, key, away, companions);
    }

    /**
     * Returns the same, of a session that is found under this key.
     *
     * @param waits whether it waits for its client
     */
    public Saved under(@Nullable SessionKey its, boolean waits) {
      return new Saved(protocol, state, returned, its, waits, companions);
    }

    /** Returns the same, of a session that has these further connections. */
    public Saved with(List<Companion> others) {
      return new Saved(protocol, state, returned, key, away, others);
    }
  }

  /**
   * A further connection of a session, which goes wherever the session goes. It is of the same
   * listener.
   *
   * @param id of the connection for as long as it lives
   * @param peer the client
   * @param via the proxy that it came through; null if there is none
   */
  record Companion(long id, Peer peer, @Nullable Peer via) {}

  /**
   * A connection without a session, whose client wants to go on with one that it had before.
   *
   * @param wanted the session's key
   * @param search for the worker that has it; a worker always says {@link Search#ASK}
   * @param state of the connection, written and read by workers only
   * @param beyondLimit whether it came beyond a limit, and is served only if its session is found
   */
  record Unserved(SessionKey wanted, Search search, State state, boolean beyondLimit)
      implements HandoffKind {

    /** One that counts like any other. */
    public Unserved(SessionKey wanted, Search search, State state) {
      this(wanted, search, state, false);
    }

    @Override
    public int descriptors() {
      return 1 + state.descriptors();
    }

    @Override
    public int clients() {
      return 1;
    }

    /** Returns the slot of the worker in which the session began, the key's first byte. */
    public int slot() {
      return (int) (wanted.high() >>> (Long.SIZE - Byte.SIZE));
    }

    /** Returns the same, with what has become of the search. */
    public Unserved after(Search outcome) {
      return new Unserved(wanted, outcome, state, beyondLimit);
    }
  }

  /** How far the search for a session has come. */
  enum Search {
    /** Whoever does not have the session refuses the connection. */
    ASK(0),
    /** No worker has the session. */
    NOWHERE(1),
    /** Not every worker has answered: the client may try again later. */
    UNANSWERED(2);

    final int code;

    Search(int code) {
      this.code = code;
    }
  }

  /** The place where a saved session's, or a connection's, state is. */
  sealed interface State {

    /** Returns the number of descriptors that it needs. */
    int descriptors();

    /** The state is in the message, at most {@link Message#MAX_INLINE_STATE} bytes. */
    record Inline(ByteBuffer bytes) implements State {
      @Override
      public int descriptors() {
        return 0;
      }
    }

    /** The state is in a sealed memory file, the handoff's second descriptor. */
    record Aside() implements State {
      @Override
      public int descriptors() {
        return 1;
      }
    }
  }

  /** Returns the kind of a connection that a worker gives with its state in the message. */
  static Saved saved(String protocol, ByteBuffer state) {
    return new Saved(protocol, new State.Inline(state), false, null, false, List.of());
  }

  /** Returns the kind of a connection that a worker gives with its state in a memory file. */
  static Saved savedAside(String protocol) {
    return new Saved(protocol, new State.Aside(), false, null, false, List.of());
  }
}
