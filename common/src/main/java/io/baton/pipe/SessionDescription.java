package io.baton.pipe;

import io.baton.service.Peer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One session as its worker sees it at one moment, for an operator who asks for it.
 *
 * @param listener name of its listener
 * @param service name of the protocol that is spoken, one of the listener's; empty for the one that
 *     the listener begins with. Both names have at most {@value Message#MAX_PROTOCOL_BYTES} bytes
 *     of UTF-8
 * @param peer the client, or the one that the session had before it lost its connection
 * @param via the proxy that the client came through; null if there is none
 * @param principal name of the client's principal; empty if there is none
 * @param state what it is doing
 * @param sinceMs for how long it has had its connection, or has been away, in this worker; 0 if it
 *     has yet to arrive there
 * @param graceMs for how long it still waits for its client; -1 unless it is away
 * @param heldBytes memory that it holds
 * @param unsentBytes of them, what waits for the client to take it
 * @param unprocessed messages that its service has received and not processed
 * @param details what its codec adds, at most {@value #MAX_DETAILS}
 */
public record SessionDescription(
    String listener,
    String service,
    Peer peer,
    @Nullable Peer via,
    String principal,
    State state,
    long sinceMs,
    long graceMs,
    long heldBytes,
    long unsentBytes,
    int unprocessed,
    List<Detail> details) {

  /** Most details; so many fit a packet with all the rest. */
  public static final int MAX_DETAILS = 140;

  static final int MAX_DETAIL_NAME_BYTES = 32;
  static final int MAX_DETAIL_VALUE_BYTES = 160;

  public SessionDescription {
    details = List.copyOf(details);
  }

  /** The states of a session. */
  public enum State {
    /** It has a connection. */
    OPEN(0),
    /** Its client has lost the connection and may come back. */
    AWAY(1),
    /** It is about to leave for another worker, or has yet to begin in this one. */
    MOVING(2),
    /** It ends as soon as what is left to do is done. */
    ENDING(3);

    final int code;

    State(int code) {
      this.code = code;
    }
  }

  /** One fact of a codec, with its name. */
  public record Detail(String name, String value) {}
}
