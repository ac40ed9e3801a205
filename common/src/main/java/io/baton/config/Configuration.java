package io.baton.config;

import io.baton.credentials.Credentials;

/**
 * A configuration that was read and found good.
 *
 * @param settings what it says
 * @param concluded the same as JSON text, complete with defaults and overrides, which {@link
 *     SettingsReader#parse} reads again: what a worker is given, so that it never opens the file
 * @param credentials what is in the files that it names of certificates and keys
 * @param places where its values stand
 */
public record Configuration(
    Settings settings, String concluded, Credentials credentials, Places places) {
  /** How long {@code concluded} may be, in bytes of UTF-8. */
  public static final int MAX_BYTES = 8 * 1024 * 1024;

  /** A configuration from no file. */
  public Configuration(Settings settings, String concluded, Credentials credentials) {
    this(settings, concluded, credentials, Places.NONE);
  }
}
