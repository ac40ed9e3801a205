package io.baton.config;

import java.util.List;

/**
 * The configuration is refused; every complaint is one line that says where, what and what is
 * allowed.
 */
public final class ConfigurationException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<String> complaints;

  public ConfigurationException(List<String> complaints) {
    super(String.join("\n", complaints));
    this.complaints = List.copyOf(complaints);
  }

  public List<String> complaints() {
    return complaints;
  }
}
