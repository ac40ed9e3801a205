package io.baton.worker;

import io.baton.config.Configuration;
import io.baton.config.Settings;
import io.baton.config.SettingsReader;
import java.nio.file.Path;
import java.util.Map;

/**
 * Shows the JVM once, when Baton is built, what a worker's code does: started with {@code
 * -XX:AOTCacheOutput} it writes at its end what it has loaded and linked. Workers that are given
 * this file start for two thirds of the CPU.
 *
 * <p>Argument: Baton's own directory.
 */
final class Training {
  private static final Map<String, String> LISTENER =
      Map.of(
          "baton.listeners.training.endpoint", "unix:training.sock",
          "baton.listeners.training.codec", "raw",
          "baton.listeners.training.service", "none");

  private Training() {}

  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]);
    Configuration defaults = SettingsReader.read(Path.of("/dev/null"), LISTENER, home);
    Settings settings = SettingsReader.parse(defaults.concluded(), home);
    Rehearsal.play(settings, true);
  }
}
