package io.baton.manager;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether JVMs use the AOT caches that they were given. One that its cache does not fit, because of
 * its JDK or of its jars, which it knows by their times, goes on without, and starts more slowly.
 */
final class AotCaches {
  private static final String OPTION = "-XX:AOTCache=";

  private AotCaches() {}

  /**
   * Returns what the operator should know.
   *
   * @param pids of running JVMs of the same user
   */
  static List<String> warnings(Stream<Long> pids) {
    return pids.map(pid -> unused(Path.of("/proc", Long.toString(pid))))
        .flatMap(Optional::stream)
        .distinct()
        .map(cache ->
            cache
                + " is not used, so that processes start more slowly: it is another JDK's, or the"
                + " files were copied without their times (cp -a keeps them)")
        .toList();
  }

  /** The cache that the process was given and does not use, if so. */
  static Optional<String> unused(Path process) {
    try {
      String given =
          Arrays.stream(
                  Files.readString(process.resolve("cmdline"), StandardCharsets.UTF_8)
                      .split("\0", -1))
              .filter(argument -> argument.startsWith(OPTION))
              .map(argument -> argument.substring(OPTION.length()))
              .findFirst()
              .orElse("");
      Path name = Path.of(given).getFileName();
      boolean used =
          given.isEmpty()
              || name == null
              || Files.readString(process.resolve("maps"), StandardCharsets.ISO_8859_1)
                  .contains("/" + name + "\n");
      return used ? Optional.empty() : Optional.of(given);
    } catch (IOException _) {
      return Optional.empty(); // it is gone
    }
  }
}
