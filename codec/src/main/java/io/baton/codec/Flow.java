package io.baton.codec;

import io.baton.service.CloseReason;
import java.util.Optional;

/** The codec's part of one session, as the runtime steers it. Event loop only. */
public interface Flow {

  /** Where the conversation is, for the timeouts and for what must wait for a pause in it. */
  enum Phase {
    /** Nothing is under way: neither asked nor answered. */
    IDLE,
    /** A message's head is arriving; the client has so long for all of it. */
    HEAD,
    /** The rest of a message is arriving; the client has so long for each piece. */
    BODY,
    /** An answer is owed: the client waits for us. */
    ANSWER
  }

  Phase phase();

  /** The window is open again after {@link Window#open} said no: hands out what was kept back. */
  void resume();

  /**
   * What it takes to go on with this session in a fresh pipeline; empty if it cannot move right
   * now. Asked when no message handed out is unprocessed. Changes nothing: the session may go on
   * here. Each codec's documentation lists where it cannot.
   */
  Optional<Saved> save();

  /**
   * Nothing is decoded any more: lets go of all input that it keeps. What was written still goes
   * out.
   */
  default void discard() {}

  /**
   * The worker is draining, said at once and again whenever {@link Window#quiet} may have turned
   * true: ends the session, through {@link Window#end} with {@link CloseReason#SHUTDOWN}, at a
   * point where no message is lost. Without such a point it does nothing; the drain's end will do.
   */
  void drain();

  /**
   * The runtime closes the connection next; what the protocol has to say to that is written now or
   * never, as HTTP's 500 for {@link CloseReason#ERROR}, 503 for {@link CloseReason#LIMIT}, or the
   * answer to a client's own goodbye. Where a client's input was what ended the session, all that
   * it sent before is answered by now.
   */
  void goodbye(CloseReason why);
}
