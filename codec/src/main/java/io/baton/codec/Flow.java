package io.baton.codec;

import io.baton.service.CloseReason;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;

/**
 * The codec's part of one session, through which the runtime steers it.
 *
 * <p><b>Threading.</b> Event loop only: no method may block.
 *
 * <p><b>Errors.</b> An exception is the codec's own mistake. It is logged, and unless the session
 * is over already it ends with {@link CloseReason#ERROR}.
 */
public interface Flow {

  /** The state of the conversation, by which the runtime chooses the timeout. */
  enum Phase {
    /** Nothing is under way: neither asked nor answered. Bounded by {@code idle-timeout}. */
    IDLE,
    /**
     * The head of a message is arriving. All of it has to arrive within {@code header-timeout} of
     * its first byte.
     */
    HEAD,
    /** The rest of a message is arriving. Each piece has {@code read-timeout}. */
    BODY,
    /**
     * The client has asked, and nothing of the answer has begun. The service has {@code
     * response-timeout} for that; the client has no timeout.
     */
    ASKED,
    /** The server owes the client something, so the client has no timeout. */
    ANSWER
  }

  /** Returns where the conversation is now. */
  Phase phase();

  /**
   * Returns the length in bytes of the longest message that the peer takes, as the service is told
   * it. Asked right after the codec was installed; it never changes.
   */
  default int maxMessage() {
    return Integer.MAX_VALUE;
  }

  /**
   * Tells whether anything has arrived since the last call that ends the peer's silence. Pings and
   * their answers do not: with them alone {@code idle-timeout} goes on. Called behind each read.
   */
  default boolean takeActivity() {
    return true;
  }

  /**
   * Tells whether {@code idle-timeout} ends a session that could wait for its client. If not, which
   * is the default, the connection of a silent client is taken for lost and the session waits.
   */
  default boolean endsIdle() {
    return false;
  }

  /**
   * Returns the name of the listener's route that the conversation is at, or was at last, whose
   * lane and timeouts hold; empty, which is the default, if the protocol has the same all the time.
   */
  default String route() {
    return "";
  }

  /** Hands out what was kept back, because the window is open again after it was found shut. */
  void resume();

  /**
   * A message that was handed out is processed. Messages need not be processed in the order in
   * which they were handed out.
   */
  default void processed() {}

  /**
   * The session goes on over the connection that the codec was installed on: what the codec wants
   * to write by itself it may write from now on. Called once for each installation, behind what
   * another worker has left to be sent, and before anything is read.
   */
  default void attached() {}

  /**
   * Sends what the peer has to ignore, if the protocol has such a thing, because only sending shows
   * whether the peer is still there: it has ended its side of the connection, which is all that can
   * be seen of one that has left, too. Called from time to time while the phase is {@link
   * Phase#ASKED}.
   */
  default void probe() {}

  /**
   * Says the protocol's first words. Called once for each new session of a codec that {@linkplain
   * Codec#welcomes welcomes}, when its service is made and nothing that it sends has gone out:
   * {@link CodecContext#awaitsReturn} is known, and if it is not zero, the codec may {@link
   * CodecContext#claim}.
   */
  default void welcome() {}

  /**
   * Writes the protocol's last words to this connection, because another one of the same client
   * takes its place. The session goes on.
   */
  default void superseded() {}

  /**
   * Writes the protocol's last words to this connection, because the client is to go on with the
   * session at another machine: words after which it comes back to the server's address at once.
   * The session goes on. Writes nothing, which is the default, if a connection that is closed is
   * enough.
   */
  default void redirected() {}

  /**
   * Returns whether a client that has shown this, at another machine, may go on with this session.
   * Without a proof, which is the default for all protocols, only a session that has lost its
   * connection goes to another machine; the client proves there that it is its own.
   *
   * @param proof as {@link CodecContext#meet(io.baton.service.SessionKey, io.netty.buffer.ByteBuf,
   *     java.nio.ByteBuffer)} was given it there
   */
  default boolean admits(ByteBuffer proof) {
    return false;
  }

  /**
   * Asks the client for a sign of life, because somebody wants to go on with the session on another
   * machine: a client that answers is still here. Returns false, which is the default, if the
   * protocol has no such question.
   */
  default boolean asksForSignOfLife() {
    return false;
  }

  /**
   * Returns what a fresh pipeline needs in order to go on with this session; empty if the session
   * cannot move right now. Called when no message that was handed out is unprocessed. Changes
   * nothing: the session may go on here. Each codec documents when it returns empty.
   */
  Optional<Saved> save();

  /**
   * Returns what a fresh pipeline of the same worker needs in order to go on with this session,
   * whose connection is lost; empty if it cannot go on without. Nothing is unprocessed by the
   * pipeline then, but messages may be by the service. A codec that {@link #save saves} less than
   * it can hand over within its worker returns {@link Saved#live}.
   */
  default Optional<Saved> handOver() {
    return save();
  }

  /**
   * Learns that the session has ended, or goes on in another worker. The last call, whatever ended
   * it; handlers may have left the pipeline long before.
   *
   * @param why {@link CloseReason#MOVED} if it goes on
   */
  default void ended(CloseReason why) {}

  /**
   * Returns what the service is working on, for the log if it fails: of HTTP, the request's method
   * and path. Short, and empty if there is nothing to say.
   */
  default String current() {
    return "";
  }

  /**
   * Returns what is open between the client and the service, for the status. Called for each
   * session about once a second, so that a codec need not report each change.
   */
  default UnderWay underWay() {
    return UnderWay.NONE;
  }

  /**
   * Returns facts about the codec's part of the session, by name, for an operator who asks for this
   * session; called only then. They are shown in the map's order, at most 140 of them, and cut off
   * after 32 bytes of a name and 160 bytes of a value in UTF-8.
   */
  default Map<String, String> details() {
    return Map.of();
  }

  /**
   * Releases all input that the codec keeps, because nothing is decoded any more. What was written
   * still goes out.
   */
  default void discard() {}

  /**
   * Ends the session because the worker is draining: through {@link Window#end} with {@link
   * CloseReason#SHUTDOWN}, at a point where no message is lost. Called when the drain begins, and
   * again whenever {@link Window#quiet} may have turned true. A protocol without such a point does
   * nothing and is ended at {@code drain-timeout}.
   */
  void drain();

  /**
   * Writes the protocol's last words, because the runtime closes the connection next: for example
   * HTTP's 500 for {@link CloseReason#ERROR}, its 503 for {@link CloseReason#LIMIT}, or the answer
   * to a client's own goodbye. If the client's input ended the session, everything that it sent
   * before has been answered.
   *
   * @param why why the session ends
   */
  void goodbye(CloseReason why);
}
