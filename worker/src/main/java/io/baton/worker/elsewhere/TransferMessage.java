package io.baton.worker.elsewhere;

import io.baton.pipe.SavedForm;
import io.baton.service.SessionKey;

/**
 * What a worker that wants a session, the taker, and the worker of another machine that has it, the
 * holder, say to each other.
 *
 * <pre>
 *   taker                                     holder
 *     Seek ──► all workers                      │
 *     │ ◄──────────────── Found, or NotNow ─────┤
 *     Take ────────────────────────────────────►│ freezes and saves the session
 *     │ ◄──────────────── Part, Part, … ────────┤
 *     Fetch, for more, or what was lost ───────►│
 *     Taken ───────────────────────────────────►│ forgets it
 *     │ ◄─────────────────────────────── Given ─┤
 *   the session runs
 * </pre>
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
public sealed interface TransferMessage {
  /** The most bytes of a saved session in one {@link Part}. */
  int PART_BYTES = 48 * 1024;

  /** The longest proof, in bytes. */
  int MAX_PROOF = 255;

  /** Returns the number of the transfer, which its taker has given it. */
  long transfer();

  /** Who has the session with this key, of a listener of this name? */
  record Seek(long transfer, SessionKey key, String listener) implements TransferMessage {}

  /** The sender has it. */
  record Found(long transfer) implements TransferMessage {}

  /** The sender has it, or will have it in a moment, and cannot give it now. */
  record NotNow(long transfer) implements TransferMessage {}

  /**
   * The sender wants it.
   *
   * @param proof what the client has shown, in the form of its codec; no bytes if that is nothing
   * @param form of saved sessions that it reads
   */
  record Take(long transfer, SessionKey key, String listener, byte[] proof, SavedForm form)
      implements TransferMessage {}

  /** The sender wants the parts of the session from this one on. */
  record Fetch(long transfer, int from) implements TransferMessage {}

  /**
   * A part of the saved session.
   *
   * @param total the bytes of all parts together
   */
  record Part(long transfer, int index, int total, byte[] bytes) implements TransferMessage {}

  /** The sender has all of it, and goes on with it once it is given. */
  record Taken(long transfer) implements TransferMessage {}

  /** The session is the receiver's. */
  record Given(long transfer) implements TransferMessage {}

  /** The sender, the holder, keeps the session, or has none. */
  record Refused(long transfer, boolean gone) implements TransferMessage {}

  /** The sender, the taker, does not want it any more. */
  record Dropped(long transfer) implements TransferMessage {}
}
