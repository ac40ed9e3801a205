package io.baton.credentials;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * The one secret of a server, from which others are derived. It is made at the first start and kept
 * in a file of {@code run-dir} that only the server's user may read, so that what was derived from
 * it is good after a restart, too.
 */
public final class InstanceSecret {
  private static final int BYTES = 32;
  private static final String NAME = "instance";

  private final byte[] secret;

  private InstanceSecret(byte[] secret) {
    this.secret = secret;
  }

  /**
   * Reads the one in this directory, or makes it.
   *
   * @throws IOException if that is not possible, or the file is something else
   */
  public static InstanceSecret in(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    try {
      byte[] read = Files.readAllBytes(file);
      if (read.length != BYTES) {
        throw new IOException(
            "%s has %d bytes, not %d: remove it, and a new one is made at the next start"
                .formatted(file, read.length, BYTES));
      }
      return new InstanceSecret(read);
    } catch (NoSuchFileException _) {
      return make(file);
    }
  }

  private static InstanceSecret make(Path file) throws IOException {
    byte[] secret = new byte[BYTES];
    new SecureRandom().nextBytes(secret);
    Path fresh =
        Files.createTempFile(
            file.getParent(),
            NAME,
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.write(fresh, secret);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
    return new InstanceSecret(secret);
  }

  /** Returns a secret for one purpose (HKDF-SHA-256, RFC 5869). */
  byte[] derive(String purpose, int length) {
    byte[] info = purpose.getBytes(StandardCharsets.US_ASCII);
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(HKDFParameterSpec.ofExtract().addIKM(secret).thenExpand(info, length));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks HKDF with SHA-256", e);
    }
  }

  /** Says nothing of what it is. */
  @Override
  public String toString() {
    return "the instance's secret";
  }
}
