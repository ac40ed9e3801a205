package io.baton.worker.codec.websocket;

import io.baton.codec.TestWindow;

/** A window that the codec may shut and reopen. */
class SwitchedWindow extends TestWindow {
  @Override
  public void shut() {
    open = false;
  }

  @Override
  public void reopen() {
    open = true;
  }
}
