package io.baton.worker;

import java.util.Set;
import java.util.TreeSet;

/**
 * The mistakes of a configuration that show only once modules have started: it names what no module
 * registers, or what does not fit. Each begins with the key, so that the manager finds its line.
 */
final class Misfit {
  private Misfit() {}

  /**
   * Returns what is said of a name that is not known.
   *
   * @param key that has the name
   * @param what is named, as {@code service}
   * @param allowed those that are known
   */
  static BootException unknown(String key, String what, String found, Set<String> allowed) {
    String which =
        allowed.isEmpty()
            ? "but no module has any " + what
            : "allowed " + String.join(", ", new TreeSet<>(allowed));
    return new BootException("%s: found the unknown %s %s, %s".formatted(key, what, found, which));
  }

  /**
   * Returns what is said of a service whose messages are not the codec's.
   *
   * @param key that has the service's name
   * @param codec in words
   * @param in what it reads
   * @param out what it writes
   */
  static BootException types(String key, String codec, Class<?> in, Class<?> out, Offer<?, ?> its) {
    return new BootException(
        ("%s: found the service %s of module %s, which receives %s and sends %s,"
                + " allowed a service for codec %s, which reads %s and writes %s")
            .formatted(
                key,
                its.name(),
                its.module(),
                its.in().getName(),
                its.out().getName(),
                codec,
                in.getName(),
                out.getName()));
  }
}
