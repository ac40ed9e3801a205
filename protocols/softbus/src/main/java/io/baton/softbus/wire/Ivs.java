package io.baton.softbus.wire;

import java.security.SecureRandom;

/** A source of initialisation vectors, whose first bytes the packet's number then replaces. */
@FunctionalInterface
public interface Ivs {
  /** Random ones. */
  Ivs RANDOM = random(new SecureRandom());

  /** Returns a fresh array of {@link GcmKey#IV_BYTES} bytes. */
  byte[] next();

  /** Makes a source of this generator's. */
  static Ivs random(SecureRandom random) {
    return () -> {
      byte[] iv = new byte[GcmKey.IV_BYTES];
      random.nextBytes(iv);
      return iv;
    };
  }
}
