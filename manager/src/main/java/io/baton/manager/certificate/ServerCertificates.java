package io.baton.manager.certificate;

import io.baton.config.Configuration;
import io.baton.config.Settings;
import io.baton.credentials.Credentials;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The certificates of one generation, as its configuration was read: what is on disk meanwhile does
 * not matter to clients.
 *
 * @param all in the order of the listeners and, within a listener, of the configuration
 */
public record ServerCertificates(List<ServerCertificate> all) {
  public static final ServerCertificates NONE = new ServerCertificates(List.of());

  public ServerCertificates {
    all = List.copyOf(all);
  }

  /** Returns those that the configuration names. */
  public static ServerCertificates of(Configuration configuration) {
    List<ServerCertificate> all = new ArrayList<>();
    for (Settings.Listener listener : configuration.settings().listeners()) {
      for (Credentials.Files files : listener.options().tls().certificates()) {
        all.add(
            ServerCertificate.of(
                listener.name(), files, configuration.credentials().identity(files)));
      }
    }
    return new ServerCertificates(all);
  }

  /** Returns those of the listener with this name; without TLS it has none. */
  public List<ServerCertificate> of(String listener) {
    return all.stream().filter(each -> each.listener().equals(listener)).toList();
  }

  /** Returns a line for each that clients refuse at that time, or soon will. */
  public List<String> problems(Instant now) {
    return all.stream().flatMap(each -> each.problem(now).stream()).toList();
  }
}
