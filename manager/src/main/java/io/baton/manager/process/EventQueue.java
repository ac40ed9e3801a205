package io.baton.manager.process;

import io.baton.manager.fleet.Event;
import java.util.function.Supplier;

/** The way to the fleet: what is added happens in its order, on the manager's thread. */
public interface EventQueue {

  /** Adds an event that is made when its turn comes and all before it have happened. */
  void addWhenDue(Supplier<Event> event);

  default void add(Event event) {
    addWhenDue(() -> event);
  }
}
