package io.baton.credentials;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads certificates and keys. What is wrong with a file is an {@link IllegalArgumentException}
 * with a text for the operator: what was found, and what is allowed.
 */
public final class CredentialFiles {
  private static final int MAX_BYTES = 1024 * 1024;
  private static final int MAX_CERTIFICATES = 1_000;

  private static final String CHAIN =
      "allowed a file in PEM with the server's certificate and those that lead from it to an"
          + " authority";

  private CredentialFiles() {}

  /**
   * Reads a server's certificates, in their order.
   *
   * @throws IllegalArgumentException see the class
   */
  public static List<X509Certificate> chain(Path file) {
    List<X509Certificate> chain = certificates(file, CHAIN);
    for (int i = 0; i + 1 < chain.size(); i++) {
      X509Certificate lower = chain.get(i);
      X509Certificate upper = chain.get(i + 1);
      if (!lower.getIssuerX500Principal().equals(upper.getSubjectX500Principal())) {
        throw new IllegalArgumentException(
            "found in %s certificate %d, %s, which has not issued the one before it, allowed each behind the one that it has issued"
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
        all.add(certificate(file, each, all.size() + 1));
      }
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException("found no certificate in " + file + ", " + allowed);
    }
    if (all.size() > MAX_CERTIFICATES) {
      throw new IllegalArgumentException(
          "found %d certificates in %s, allowed %d".formatted(all.size(), file, MAX_CERTIFICATES));
    }
    return all;
  }

  private static X509Certificate certificate(Path file, Pem pem, int number) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(pem.content()));
    } catch (CertificateException e) {
      throw new IllegalArgumentException(
          "certificate %d of %s is broken: %s".formatted(number, file, e.getMessage()), e);
    }
  }

  /**
   * Reads the private key of a certificate.
   *
   * @throws IllegalArgumentException see the class
   */
  public static Identity identity(List<X509Certificate> chain, Path file) {
    List<Pem> keys = pem(file, "allowed " + PrivateKeys.ALLOWED);
    checkPermissions(file);
    Pem key =
        keys.stream()
            .filter(PrivateKeys::isOne)
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "found no private key in %s, allowed %s".formatted(file, PrivateKeys.ALLOWED)));
    try {
      return new Identity(chain, PrivateKeys.read(key, chain.getFirst().getPublicKey()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "found in %s %s, allowed %s".formatted(file, e.getMessage(), PrivateKeys.ALLOWED), e);
    }
  }

  /** Who can read it can be the server. */
  private static void checkPermissions(Path file) {
    Set<PosixFilePermission> mode;
    try {
      mode = Files.getPosixFilePermissions(file);
    } catch (IOException | UnsupportedOperationException _) {
      return; // it was read a moment ago; a file system without such bits has other means
    }
    if (mode.contains(PosixFilePermission.OTHERS_READ)
        || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IllegalArgumentException(
          "%s is open to everybody: found %s, allowed a private key that others can neither read nor write, such as by chmod 600 or 640"
              .formatted(file, PosixFilePermissions.toString(mode)));
    }
  }

  private static List<Pem> pem(Path file, String allowed) {
    try {
      long size = Files.size(file);
      if (Files.isDirectory(file)) {
        throw new IllegalArgumentException("found a directory, " + file + ", " + allowed);
      }
      if (size > MAX_BYTES) {
        throw new IllegalArgumentException(
            "found %d bytes in %s, allowed %d".formatted(size, file, MAX_BYTES));
      }
      return Pem.parse(Files.readAllBytes(file));
    } catch (NoSuchFileException _) {
      throw new IllegalArgumentException("there is no file " + file + ", " + allowed);
    } catch (AccessDeniedException _) {
      throw new IllegalArgumentException(
          "%s cannot be read by user %s, %s"
              .formatted(file, System.getProperty("user.name"), allowed));
    } catch (IOException e) {
      throw new IllegalArgumentException("%s cannot be read: %s".formatted(file, e), e);
    } catch (IllegalArgumentException e) {
      throw e.getMessage() != null && e.getMessage().contains("allowed")
          ? e
          : new IllegalArgumentException(
              "found in %s %s, %s".formatted(file, e.getMessage(), allowed), e);
    }
  }
}
