package io.baton.link;

import io.baton.link.client.ClientSettings;
import java.util.function.Consumer;

/** A setting of a client's session. {@link Link} makes them and says what each is for. */
public final class Option {
  private final Consumer<ClientSettings> setting;

  Option(Consumer<ClientSettings> setting) {
    this.setting = setting;
  }

  /** Returns the defaults, changed by the options: of two of a kind the later one counts. */
  static ClientSettings settings(Option... options) {
    ClientSettings settings = new ClientSettings();
    for (Option option : options) {
      option.setting.accept(settings);
    }
    return settings;
  }
}
