package io.baton.manager.fleet;

import io.baton.config.Settings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One version of configuration and code. A worker belongs to one for as long as it lives.
 *
 * <p>A listener has a <em>number</em>, which it keeps over all generations that have a listener of
 * its name, and an <em>index</em> into the settings of one of them. The manager speaks of numbers;
 * a worker knows indexes only.
 *
 * @param number from 1
 * @param listeners the listeners' numbers by their indexes
 * @param freeListener a number that no listener ever had
 */
public record Generation(int number, Settings settings, List<Integer> listeners, int freeListener) {
  public Generation {
    listeners = List.copyOf(listeners);
  }

  /** That of a server that starts. */
  public static Generation first(Settings settings) {
    return of(1, settings, Map.of(), 0);
  }

  /** What may follow on this one. */
  public Generation next(Settings next) {
    Map<String, Integer> known = new HashMap<>();
    for (int i = 0; i < listeners.size(); i++) {
      known.put(settings.listeners().get(i).name(), listeners.get(i));
    }
    return of(number + 1, next, known, freeListener);
  }

  /**
   * This one, after another one has served that came to nothing: its listeners keep their numbers.
   */
  Generation after(Generation undone) {
    return new Generation(number, settings, listeners, Math.max(freeListener, undone.freeListener));
  }

  private static Generation of(
      int number, Settings settings, Map<String, Integer> known, int freeListener) {
    List<Integer> numbers = new ArrayList<>();
    int free = freeListener;
    for (Settings.Listener listener : settings.listeners()) {
      Integer had = known.get(listener.name());
      numbers.add(had == null ? free++ : had);
    }
    return new Generation(number, settings, numbers, free);
  }

  /** Whether it was made to follow on that one. */
  public boolean isNextOf(Generation other) {
    return number == other.number + 1;
  }

  /** The listener with this number; null if this generation has none. */
  public Settings.@Nullable Listener listener(int number) {
    int index = index(number);
    return index < 0 ? null : settings.listeners().get(index);
  }

  /** Whether there is a listener with this number. */
  public boolean has(int number) {
    return index(number) >= 0;
  }

  /** The index of the listener with this number; -1 if this generation has none. */
  public int index(int number) {
    return listeners.indexOf(number);
  }
}
