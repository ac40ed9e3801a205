package io.baton.worker.codec;

import io.baton.service.CloseReason;

/** The codec's part of one session, as the runtime steers it. Event loop only. */
public interface Flow {

  /** The window is open again after {@link Window#open} said no: hands out what was kept back. */
  void resume();

  /**
   * The session comes to its end.
   *
   * <p>SHUTDOWN: the worker is draining. The codec sees to it that the session ends at a point
   * where no message is lost, and ends it itself through {@link Window#end}. Anything else: the
   * runtime closes the connection next; what the protocol has to say to that is written now or
   * never.
   */
  void goodbye(CloseReason why);

  /** Whether a drain may end the session now: nothing under way, neither asked nor answered. */
  boolean idle();
}
