package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.manager.placement.Placement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What is counted of each listener, by its number, over all generations: a listener that comes is
 * added, and none is ever taken out, so that counts only grow.
 */
final class Books {

  /** Of one listener. */
  static final class Book {
    final String listener;
    Placement placement;
    long accepted;
    long refused;
    long limited;
    long denied;

    /** Of those limited, the ones that were found to come back to their sessions. */
    long admitted;

    /** Clients that {@link #placement} has placed. */
    long placed;

    Book(String listener, Placement placement) {
      this.listener = listener;
      this.placement = placement;
    }
  }

  private final List<Book> books = new ArrayList<>();

  /** This generation serves from now on: new listeners get a book, known ones its placement. */
  void open(Generation generation) {
    for (int i = 0; i < generation.listeners().size(); i++) {
      int number = generation.listeners().get(i);
      Settings.Listener listener = generation.settings().listeners().get(i);
      Placement placement = Placement.of(listener.options().placement());
      if (number == books.size()) {
        books.add(new Book(listener.name(), placement));
      } else {
        of(number).placement = placement;
      }
    }
  }

  /** Whether a generation has served that has this listener. */
  boolean isOpen(int listener) {
    return listener < books.size();
  }

  Book of(int listener) {
    return books.get(listener);
  }

  /** By number. */
  List<Book> all() {
    return Collections.unmodifiableList(books);
  }
}
