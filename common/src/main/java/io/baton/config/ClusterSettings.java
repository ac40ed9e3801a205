package io.baton.config;

import io.baton.credentials.Credentials;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The other machines that topics are shared with.
 *
 * @param broker URLs of one broker's servers; empty: there are no other machines
 * @param name of the cluster, with which all its subjects begin
 * @param secrets files of what all its messages are authenticated with: the current one first
 * @param credentials file of what the broker wants to know its clients by; null: it does not
 */
public record ClusterSettings(
    List<URI> broker, String name, List<Path> secrets, @Nullable Path credentials, Tls tls) {
  public ClusterSettings {
    broker = List.copyOf(broker);
    secrets = List.copyOf(secrets);
  }

  /** Whether there are other machines. */
  public boolean isOn() {
    return !broker.isEmpty();
  }

  /**
   * Encryption towards the broker.
   *
   * @param authorities file of those who issue the broker's certificate; null: those that the JVM
   *     trusts
   * @param certificate that the broker is shown; null: none
   */
  public record Tls(@Nullable Path authorities, Credentials.@Nullable Files certificate) {}
}
