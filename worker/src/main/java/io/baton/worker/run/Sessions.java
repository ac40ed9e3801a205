package io.baton.worker.run;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The open sessions of this worker. Event loop only. */
public final class Sessions {
  private final Set<OpenSession> open = new LinkedHashSet<>();
  private Consumer<OpenSession> onOpened = _ -> {};
  private Runnable onClosed = () -> {};

  /** Who is told of each session that opens and, after the fact, of each that closes. */
  public void watch(Consumer<OpenSession> onOpened, Runnable onClosed) {
    this.onOpened = onOpened;
    this.onClosed = onClosed;
  }

  public boolean isEmpty() {
    return open.isEmpty();
  }

  public int size() {
    return open.size();
  }

  /** A copy: what is done to a session may close it. */
  public List<OpenSession> all() {
    return List.copyOf(open);
  }

  void opened(OpenSession session) {
    open.add(session);
    onOpened.accept(session);
  }

  void closed(OpenSession session) {
    open.remove(session);
    onClosed.run();
  }
}
