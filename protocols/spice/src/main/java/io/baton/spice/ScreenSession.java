package io.baton.spice;

import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.spice.SpiceInput.DisplayOpened;
import io.baton.spice.SpiceInput.UserInput;
import org.jspecify.annotations.Nullable;

/** The service of one session, which has a screen that the user's service paints on. */
final class ScreenSession implements Service<SpiceInput, SpiceOutput> {
  private final ScreenService service;
  private final int width;
  private final int height;
  private @Nullable Screen screen;

  ScreenSession(ScreenService service, int width, int height) {
    this.service = service;
    this.width = width;
    this.height = height;
  }

  /** Returns the screen of a session that is open. */
  Screen screen() {
    if (screen == null) {
      throw new IllegalStateException("a session that is not open");
    }
    return screen;
  }

  @Override
  public boolean opened(Session<SpiceOutput> session) {
    screen = new Screen(session, width, height);
    service.opened(screen);
    return true;
  }

  @Override
  public void received(Session<SpiceOutput> session, SpiceInput message) {
    Screen its = screen();
    switch (message) {
      case DisplayOpened(boolean lz4) -> its.display(lz4);
      case UserInput input -> service.received(its, input);
    }
    its.send();
  }

  @Override
  public void writable(Session<SpiceOutput> session) {
    screen().send();
  }

  @Override
  public void closed(Session<SpiceOutput> session, CloseReason why) {
    service.closed(screen(), why);
  }

  @Override
  public byte[] save(Session<SpiceOutput> session) {
    return screen().save(service.save(screen())).toBytes();
  }

  @Override
  public void resumed(Session<SpiceOutput> session, byte[] saved) {
    SavedScreen its = SavedScreen.read(saved);
    screen = new Screen(session, its);
    service.resumed(screen, its.serviceBytes());
    screen.send();
  }
}
