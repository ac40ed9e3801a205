package io.baton.worker.session;

import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.service.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A service that a test watches and tells what to do. */
public final class Probe<I, O> implements Service<I, O> {
  public final List<String> events = new ArrayList<>();
  public boolean accepts = true;
  public BiConsumer<Session<O>, I> onReceived = (_, _) -> {};
  public Consumer<Session<O>> onWritable = _ -> {};
  private @Nullable Session<O> session;

  public Session<O> session() {
    if (session == null) {
      throw new AssertionError("not opened");
    }
    return session;
  }

  @Override
  public boolean opened(Session<O> opened) {
    session = opened;
    events.add("opened");
    return accepts;
  }

  @Override
  public void received(Session<O> from, I message) {
    events.add("received");
    onReceived.accept(from, message);
  }

  @Override
  public void writable(Session<O> from) {
    events.add("writable");
    onWritable.accept(from);
  }

  @Override
  public void closed(Session<O> from, CloseReason why) {
    events.add("closed " + why);
  }
}
