package io.baton.config;

import io.baton.credentials.Credentials;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether and how connections are encrypted.
 *
 * @param certificates one for each set of names; the first also for clients that ask for none of
 *     them; none at all: no TLS
 * @param clientCa file of the authorities of clients' certificates; null: none
 * @param tickets whether clients are given session tickets, and these are taken
 * @param handshakeMs within which a client has to be done with the handshake
 */
public record TlsSettings(
    List<Credentials.Files> certificates,
    ClientAuth clientAuth,
    @Nullable Path clientCa,
    List<Protocol> protocols,
    boolean tickets,
    Records records,
    long handshakeMs) {
  public TlsSettings {
    certificates = List.copyOf(certificates);
    protocols = List.copyOf(protocols);
  }

  /** Whether connections are encrypted. */
  public boolean isOn() {
    return !certificates.isEmpty();
  }

  /** Whether clients show a certificate of theirs. */
  public enum ClientAuth {
    NONE,
    OPTIONAL,
    REQUIRE
  }

  /** The versions of TLS that are spoken. */
  public enum Protocol {
    TLS_1_3("TLSv1.3"),
    TLS_1_2("TLSv1.2");

    /** Its name in the configuration, and everywhere else. */
    public final String text;

    Protocol(String text) {
      this.text = text;
    }
  }

  /** Where the records of TLS 1.3 are sealed and opened. */
  public enum Records {
    /** In the worker's own code: such connections can move. */
    JAVA,
    /** In the library that does the handshake: they stay where they are. */
    ENGINE
  }
}
