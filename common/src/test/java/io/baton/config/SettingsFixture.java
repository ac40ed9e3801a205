package io.baton.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;

/**
 * The settings of tests: the defaults of {@code reference.conf} and, over them, the keys that a
 * test sets. What a test writes is HOCON, as in the block {@code baton} of an operator's file.
 */
public final class SettingsFixture {
  /** The directory that relative paths are relative to; it does not exist. */
  public static final Path HOME = Path.of("/nowhere");

  private static final Config REFERENCE =
      ConfigFactory.parseResources(SettingsReader.class, "reference.conf");

  /** The listener of settings that name none. */
  private static final Config LISTENER =
      ConfigFactory.parseString("{ endpoint = \"unix:raw.sock\", codec = raw, service = echo }")
          .atPath("baton.listeners.raw");

  private SettingsFixture() {}

  /** Returns the settings of a server at {@link #HOME}. */
  public static Settings settings(String hocon) {
    return settings(hocon, HOME);
  }

  /**
   * Returns the settings of a server.
   *
   * @param hocon keys of the block {@code baton}; without {@code listeners} there is one for raw
   */
  public static Settings settings(String hocon, Path home) {
    Config set = ConfigFactory.parseString(hocon).atPath("baton");
    if (!set.hasPath("baton.listeners")) {
      set = set.withFallback(LISTENER);
    }
    try {
      Complaints complaints = new Complaints("settings of a test");
      Section root = Section.root(set.withFallback(REFERENCE).resolve().root(), complaints);
      Settings settings = new SettingsMapper(home, new CredentialsReader(home, true)).map(root);
      complaints.throwIfAny();
      return settings;
    } catch (ConfigurationException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Returns a listener's options, from keys as they stand in its block. */
  public static Settings.ListenerOptions options(String hocon) {
    return settings("listener-defaults {\n" + hocon + "\n}").listeners().getFirst().options();
  }

  /** Returns the bounds of the http codec, from keys as they stand in the block {@code http}. */
  public static CodecSettings.Http http(String hocon) {
    return settings("http {\n" + hocon + "\n}").codecs().http();
  }
}
