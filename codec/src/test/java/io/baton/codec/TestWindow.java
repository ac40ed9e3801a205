package io.baton.codec;

import io.baton.service.CloseReason;

/** A window that is open or not, as the test says, of a codec that never shuts or ends it. */
public class TestWindow implements Window {
  public boolean open = true;

  /** What the codec last said that it holds, in bytes. */
  public int held;

  @Override
  public boolean open() {
    return open;
  }

  @Override
  public boolean quiet() {
    return true;
  }

  @Override
  public void shut() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void reopen() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean admits(long bytes) {
    return true;
  }

  @Override
  public void holds(int bytes) {
    held = bytes;
  }

  @Override
  public void end(CloseReason why) {
    throw new UnsupportedOperationException();
  }
}
