package io.baton.worker.elsewhere;

import io.baton.pipe.SavedForm;
import io.baton.service.SessionKey;
import java.nio.ByteBuffer;

/** The sessions of this worker that clients may go on with at other machines. Event loop only. */
public interface HeldSessions {
  /** Whether a session is here, and can be given. */
  enum Standing {
    NOT_HERE,
    /** It comes or goes: in a moment it is here, or in another worker. */
    NOT_NOW,
    HERE
  }

  /** A session that is frozen, or about to be. */
  interface Frozen {
    /**
     * Gives the session away as it was saved: it is not this worker's any more.
     *
     * @return false if it is not as it was saved: then it goes on here
     */
    boolean give();

    /** The session goes on here. Does nothing if it has ended meanwhile. */
    void thaw();
  }

  /** Is told of a session that was to be frozen, once, perhaps before {@link #freeze} returns. */
  interface Listener {
    /**
     * It is frozen, and was saved.
     *
     * @return false if it is not to be given after all: it is to go on here
     */
    boolean saved(ByteBuffer state);

    /** It goes on here, or has ended. */
    void cannot();
  }

  /** A taker's wish. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Wish(SessionKey key, String listener, byte[] proof, SavedForm form) {}

  /** The outcome of a wish. */
  sealed interface Answer {
    /** It is being frozen, or is frozen. */
    record Freezing(Frozen session) implements Answer {}

    /**
     * The session stays here.
     *
     * @param gone whether it is not here, or the proof is not its client's
     */
    record Refusal(boolean gone) implements Answer {}
  }

  Standing standing(SessionKey key, String listener);

  /** Takes a session off its client, who has shown that it is elsewhere, and freezes it. */
  Answer freeze(Wish wish, Listener listener);
}
