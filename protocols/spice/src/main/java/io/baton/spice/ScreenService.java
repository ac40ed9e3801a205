package io.baton.spice;

import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.spice.SpiceInput.UserInput;

/**
 * The user's code behind a screen: paints on it, and receives keys and mouse. One object serves one
 * session; {@link Spice#service} makes a {@link Service} of it, whose rules about threads, errors
 * and moves hold here too: all callbacks and timers of a session run one after the other in its
 * lane, one that throws ends its session, and only there the screen is used.
 *
 * <p>What is painted is sent when a callback returns, as fast as the client takes it. A client that
 * is slow is sent the screen as it is by then: pictures do not queue up.
 */
public interface ScreenService {

  /** First callback: the screen is black, and the client sees what is painted from now on. */
  void opened(Screen screen);

  /** The user has pressed or released a key or a button, or moved the mouse. */
  default void received(Screen screen, UserInput input) {}

  /** Last callback, once, after {@link #opened} or {@link #resumed}. */
  default void closed(Screen screen, CloseReason why) {}

  /**
   * What the session needs in order to go on in another process, besides the screen's pixels, which
   * move along by themselves. As {@link Service#save}.
   */
  default byte[] save(Screen screen) {
    return Service.NOTHING;
  }

  /**
   * First callback, instead of {@link #opened}, of a session that has moved here. The screen looks
   * as it did there; timers stayed behind.
   *
   * @param saved what {@link #save} returned
   */
  default void resumed(Screen screen, byte[] saved) {}
}
