package io.baton.credentials;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Reads certificates, keys and tokens. What is wrong with a file is an {@link
 * IllegalArgumentException} with a text for the operator: what was found, and what is allowed.
 */
public final class CredentialFiles {
  private static final int MAX_BYTES = 1024 * 1024;
  private static final int MAX_CERTIFICATES = 1_000;

  private static final String CHAIN =
      "allowed a file in PEM with the server's certificate and those that lead from it to an"
          + " authority";

  private static final String KEY = "allowed " + PrivateKeys.ALLOWED;

  /** A shorter token could be found out by trying. */
  private static final int MIN_TOKEN_BYTES = 16;

  private static final int MAX_TOKEN_BYTES = 1024;

  private static final String TOKEN =
      "allowed a file with a token of %d to %d bytes".formatted(MIN_TOKEN_BYTES, MAX_TOKEN_BYTES);

  private static final int MAX_CREDENTIALS_BYTES = 64 * 1024;

  private static final String CREDENTIALS =
      "allowed a file of up to %d bytes with a user's JWT and seed as nsc makes it, with USER:PASSWORD or with a token"
          .formatted(MAX_CREDENTIALS_BYTES);

  private CredentialFiles() {}

  /**
   * Reads a server's certificates, in their order.
   *
   * @throws IllegalArgumentException see the class
   */
  public static List<X509Certificate> chain(Path file) {
    List<X509Certificate> chain = certificates(file, CHAIN);
    String complaint = PublicKeys.complaint(chain.getFirst().getPublicKey());
    if (complaint != null) {
      throw new IllegalArgumentException(
          "found in %s a certificate with %s, allowed %s"
              .formatted(file, complaint, PublicKeys.ALLOWED));
    }
    for (int i = 0; i + 1 < chain.size(); i++) {
      X509Certificate lower = chain.get(i);
      X509Certificate upper = chain.get(i + 1);
      if (!lower.getIssuerX500Principal().equals(upper.getSubjectX500Principal())) {
        throw new IllegalArgumentException(
            "found in %s certificate %d, %s, which has not issued the one before it, allowed each certificate followed by its issuer's"
                .formatted(file, i + 2, upper.getSubjectX500Principal()));
      }
    }
    return chain;
  }

  /**
   * Reads the authorities that issue clients' certificates.
   *
   * @throws IllegalArgumentException see the class
   */
  public static List<X509Certificate> authorities(Path file) {
    return certificates(file, "allowed a file in PEM with the certificates of authorities");
  }

  private static List<X509Certificate> certificates(Path file, String allowed) {
    List<X509Certificate> all = new ArrayList<>();
    for (Pem each : pem(file, allowed)) {
      if (each.label().equals("CERTIFICATE")) {
        all.add(certificate(file, each, all.size() + 1, allowed));
      }
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException("found no certificate in %s, %s".formatted(file, allowed));
    }
    if (all.size() > MAX_CERTIFICATES) {
      throw new IllegalArgumentException(
          "found %d certificates in %s, allowed %d".formatted(all.size(), file, MAX_CERTIFICATES));
    }
    return all;
  }

  private static X509Certificate certificate(Path file, Pem pem, int number, String allowed) {
    try {
      return Certificates.decode(pem.content());
    } catch (CertificateException e) {
      throw new IllegalArgumentException(
          "found in %s certificate %d, which is broken (%s), %s"
              .formatted(file, number, e.getMessage(), allowed),
          e);
    } catch (IllegalArgumentException e) {
      throw complaint(file, e, allowed);
    }
  }

  private static IllegalArgumentException complaint(
      Path file, IllegalArgumentException found, String allowed) {
    return new IllegalArgumentException(
        "found in %s %s, %s".formatted(file, found.getMessage(), allowed), found);
  }

  /**
   * Reads the private key of a certificate.
   *
   * @throws IllegalArgumentException see the class
   */
  public static Identity identity(List<X509Certificate> chain, Path file) {
    List<Pem> blocks = pem(file, KEY);
    checkPermissions(file, "a private key");
    Pem key = blocks.stream().filter(PrivateKeys::isOne).findFirst().orElse(null);
    if (key == null) {
      throw new IllegalArgumentException("found no private key in %s, %s".formatted(file, KEY));
    }
    try {
      return new Identity(chain, PrivateKeys.read(key, chain.getFirst().getPublicKey()));
    } catch (IllegalArgumentException e) {
      throw complaint(file, e, KEY);
    }
  }

  /**
   * Reads a token: all bytes of its file but a newline (LF or CR LF) at the end.
   *
   * @throws IllegalArgumentException see the class
   */
  public static byte[] token(Path file) {
    byte[] content = read(file, MAX_TOKEN_BYTES + 2, TOKEN);
    checkPermissions(file, "a token");
    int length = withoutNewline(content);
    if (length > MAX_TOKEN_BYTES) {
      throw new IllegalArgumentException(
          "found more than %d bytes in %s, %s".formatted(MAX_TOKEN_BYTES, file, TOKEN));
    }
    if (length < MIN_TOKEN_BYTES) {
      throw new IllegalArgumentException("found %d bytes in %s, %s".formatted(length, file, TOKEN));
    }
    return Arrays.copyOf(content, length);
  }

  /**
   * Reads what a broker knows its client by, whatever that is: all bytes of the file.
   *
   * @throws IllegalArgumentException see the class
   */
  public static byte[] brokerCredentials(Path file) {
    byte[] content = read(file, MAX_CREDENTIALS_BYTES, CREDENTIALS);
    checkPermissions(file, "credentials");
    if (content.length > MAX_CREDENTIALS_BYTES || withoutNewline(content) == 0) {
      throw new IllegalArgumentException(
          "found %d bytes or more in %s, %s".formatted(content.length, file, CREDENTIALS));
    }
    return content;
  }

  private static int withoutNewline(byte[] content) {
    int length = content.length;
    if (length > 0 && content[length - 1] == '\n') {
      length--;
      if (length > 0 && content[length - 1] == '\r') {
        length--;
      }
    }
    return length;
  }

  /** Who can read it can be the server. */
  private static void checkPermissions(Path file, String what) {
    Set<PosixFilePermission> mode;
    try {
      mode = Files.getPosixFilePermissions(file);
    } catch (IOException | UnsupportedOperationException _) {
      return; // it was read a moment ago; a file system without such bits has other means
    }
    if (mode.contains(PosixFilePermission.OTHERS_READ)
        || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IllegalArgumentException(
          "found %s with permissions %s, allowed %s that others can neither read nor write, as after chmod 600 or 640"
              .formatted(file, PosixFilePermissions.toString(mode), what));
    }
  }

  private static List<Pem> pem(Path file, String allowed) {
    byte[] content = read(file, MAX_BYTES, allowed);
    if (content.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "found more than %d bytes in %s, allowed %1$d".formatted(MAX_BYTES, file));
    }
    try {
      return Pem.parse(content);
    } catch (IllegalArgumentException e) {
      throw complaint(file, e, allowed);
    }
  }

  /** Reads a file, up to the byte with which it is too long. */
  private static byte[] read(Path file, int most, String allowed) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      if (attributes.isDirectory()) {
        throw new IllegalArgumentException("found the directory %s, %s".formatted(file, allowed));
      }
      if (!attributes.isRegularFile()) { // reading it may have no end
        throw new IllegalArgumentException(
            "found %s, which is no regular file, %s".formatted(file, allowed));
      }
      try (InputStream from = Files.newInputStream(file)) {
        return from.readNBytes(most + 1);
      }
    } catch (NoSuchFileException _) {
      throw new IllegalArgumentException("found no file %s, %s".formatted(file, allowed));
    } catch (AccessDeniedException _) {
      throw new IllegalArgumentException(
          "found %s, which user %s may not read, %s"
              .formatted(file, System.getProperty("user.name"), allowed));
    } catch (FileSystemException e) {
      throw unreadable(file, e.getReason() == null ? e.toString() : e.getReason(), e, allowed);
    } catch (IOException e) {
      throw unreadable(file, e.toString(), e, allowed);
    }
  }

  private static IllegalArgumentException unreadable(
      Path file, String why, IOException cause, String allowed) {
    return new IllegalArgumentException(
        "found %s, which cannot be read (%s), %s".formatted(file, why, allowed), cause);
  }
}
