package io.baton.link.stream;

import io.baton.link.core.LinkCore;
import java.util.function.Consumer;

/** The way from any thread to the core of a session, which its driver guards. */
@FunctionalInterface
public interface CoreAccess {
  /**
   * Runs an action that has the core to itself, and then writes what there is to write. May run it
   * at once, on the caller's thread, or later on another; actions keep their order. A session that
   * is about to move keeps its actions until it has moved or stays after all. Once the session is
   * over or has moved, nothing happens: then {@link SessionStreams} is told.
   *
   * @param action does not wait and does not throw
   */
  void run(Consumer<LinkCore> action);
}
