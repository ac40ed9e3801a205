package io.baton.worker.tls.record;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Cipher;
import javax.crypto.Mac;

/**
 * The JDK's ciphers and MACs. Which provider has an algorithm is found out once: to ask all of them
 * takes several times as long as to make a cipher, and each connection needs two. Thread safe.
 */
final class Algorithms {
  private static final Map<String, Provider> PROVIDERS = new ConcurrentHashMap<>();

  private Algorithms() {}

  /**
   * Returns a new one.
   *
   * @throws IllegalStateException if this JDK has none of that name
   */
  static Cipher cipher(String name) {
    try {
      Provider known = PROVIDERS.get(name);
      if (known != null) {
        return Cipher.getInstance(name, known);
      }
      Cipher found = Cipher.getInstance(name);
      PROVIDERS.put(name, found.getProvider());
      return found;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks " + name, e);
    }
  }

  /**
   * Returns a new one.
   *
   * @throws IllegalStateException if this JDK has none of that name
   */
  static Mac mac(String name) {
    try {
      Provider known = PROVIDERS.get(name);
      if (known != null) {
        return Mac.getInstance(name, known);
      }
      Mac found = Mac.getInstance(name);
      PROVIDERS.put(name, found.getProvider());
      return found;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks " + name, e);
    }
  }
}
