package io.baton.worker.session;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The open sessions of this worker. Event loop only. */
public final class OpenSessions {
  private final Set<ManagedSession> open = new LinkedHashSet<>();
  private Consumer<ManagedSession> onOpened = _ -> {};
  private Runnable onClosed = () -> {};

  /** Sets who is told of each session that opens and, after the fact, of each that closes. */
  public void watch(Consumer<ManagedSession> onOpened, Runnable onClosed) {
    this.onOpened = onOpened;
    this.onClosed = onClosed;
  }

  public boolean isEmpty() {
    return open.isEmpty();
  }

  public int size() {
    return open.size();
  }

  /** Returns a copy: what is done to a session may close it. */
  public List<ManagedSession> all() {
    return List.copyOf(open);
  }

  /** Shows each session to the visitor, which opens and closes none. */
  void forEach(Consumer<ManagedSession> visitor) {
    open.forEach(visitor);
  }

  void opened(ManagedSession session) {
    open.add(session);
    onOpened.accept(session);
  }

  void closed(ManagedSession session) {
    open.remove(session);
    onClosed.run();
  }
}
