package io.baton.worker.tls.record;

import java.util.Optional;

/** The cipher suites of TLS 1.3 that are spoken here (RFC 8446, B.4). */
public enum Suite {
  AES_128_GCM_SHA256(0x1301, "AES/GCM/NoPadding", "AES", 16, "HmacSHA256", 32),
  AES_256_GCM_SHA384(0x1302, "AES/GCM/NoPadding", "AES", 32, "HmacSHA384", 48),
  CHACHA20_POLY1305_SHA256(0x1303, "ChaCha20-Poly1305", "ChaCha20", 32, "HmacSHA256", 32);

  /** As it is written in the protocol, and in a saved connection. */
  final int code;

  /** Of records, to the JDK. */
  final String cipher;

  /** Of keys, to the JDK. */
  final String algorithm;

  final int keyBytes;

  /** Of the derivation of keys, to the JDK. */
  final String derivation;

  final int secretBytes;

  private final String standardName;

  Suite(
      int code, String cipher, String algorithm, int keyBytes, String derivation, int secretBytes) {
    this.standardName = "TLS_" + name();
    this.code = code;
    this.cipher = cipher;
    this.algorithm = algorithm;
    this.keyBytes = keyBytes;
    this.derivation = derivation;
    this.secretBytes = secretBytes;
  }

  /** Returns the one with this name in the JDK, such as {@code TLS_AES_128_GCM_SHA256}. */
  public static Optional<Suite> named(String name) {
    for (Suite each : values()) {
      if (each.standardName.equals(name)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** Returns the one with this number in the protocol, if it is one of these. */
  public static Optional<Suite> of(int code) {
    for (Suite each : values()) {
      if (each.code == code) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }
}
