package io.baton.worker.elsewhere;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/** Secrets that machines of a cluster have in common, derived from the cluster's. */
public final class ClusterKeys {
  private static final int BYTES = 32;

  private ClusterKeys() {}

  /** Returns the secret of session keys, in a cluster of this name. */
  public static byte[] derive(byte[] secret, String cluster) {
    return derive(secret, "baton session keys " + cluster, BYTES);
  }

  static byte[] derive(byte[] secret, String label, int bytes) {
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(
              HKDFParameterSpec.ofExtract()
                  .addIKM(secret)
                  .thenExpand(label.getBytes(StandardCharsets.UTF_8), bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks HKDF with SHA-256", e);
    }
  }
}
