package io.baton.credentials;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/** Certificates as bytes: X.509 in DER. */
public final class Certificates {
  private Certificates() {}

  /**
   * Reads one.
   *
   * @throws CertificateException if it is broken, or something else
   */
  public static X509Certificate decode(byte[] der) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }

  /** Returns the bytes of one that was read. */
  public static byte[] encode(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read cannot be written", e);
    }
  }
}
