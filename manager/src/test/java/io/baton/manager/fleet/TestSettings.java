package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.config.SettingsFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The settings of the manager's tests: a policy with small numbers, and listeners for which no
 * socket is made unless a test does. All that a test sets is HOCON and wins over what is set here.
 */
public final class TestSettings {
  private static final String BASE =
      """
      workers = 1, scheduling = inherit
      run-dir = ".", log-dir = ".", modules-dir = "."
      listener-defaults { placement = round-robin, backlog = 16, defer-accept = off }
      fleet { max-unacked = 4, canary = 0, backoff.max = 1s, breaker.failures = 3 }
      worker { java-options = [], max-spooled = off }
      """;

  /** Keys of a server whose sessions may go on at other machines. */
  static final String CLUSTER =
      "cluster { broker = \"nats://127.0.0.1:4222\", secret = [\"%s\"] }\n".formatted(secret());

  private static final int FIRST_PORT = 7_000;

  private TestSettings() {}

  private static Path secret() {
    try {
      Path file = Files.createTempFile("cluster", ".secret"); // which others may not read
      file.toFile().deleteOnExit();
      return Files.writeString(file, "a secret of 16 bytes and more\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns settings over those of all the manager's tests.
   *
   * @param home the directory for everything
   */
  public static Settings settings(String hocon, Path home) {
    return SettingsFixture.settings(BASE + hocon, home);
  }

  /** Returns settings with listeners {@code l0}, {@code l1} and so on. */
  public static Settings with(int workers, int listeners) {
    return with(workers, listeners, "");
  }

  /** Returns settings with listeners {@code l0}, {@code l1} and so on, and with these keys. */
  public static Settings with(int workers, int listeners, String hocon) {
    Map<String, String> keys = new TreeMap<>();
    for (int i = 0; i < listeners; i++) {
      keys.put("l" + i, "");
    }
    return with(workers, keys, hocon);
  }

  /**
   * Returns settings with these listeners.
   *
   * @param listeners the keys of each listener, by its name
   */
  static Settings with(int workers, Map<String, String> listeners, String hocon) {
    StringBuilder all = new StringBuilder("workers = " + workers + "\n");
    int port = FIRST_PORT;
    for (Map.Entry<String, String> listener : new TreeMap<>(listeners).entrySet()) {
      all.append(
          "listeners.%s { endpoint = \"tcp://127.0.0.1:%d\", codec = raw, service = echo, %s }\n"
              .formatted(listener.getKey(), port++, listener.getValue()));
    }
    return settings(all + hocon, SettingsFixture.HOME);
  }
}
