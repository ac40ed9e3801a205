package io.baton.credentials;

import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Who a server is: a certificate, those that lead from it to an authority, and its private key.
 *
 * @param chain the certificate itself first
 * @param key of the certificate
 */
public record Identity(List<X509Certificate> chain, PrivateKey key) {
  private static final int DNS_NAME = 2;

  public Identity {
    chain = List.copyOf(chain);
  }

  public X509Certificate certificate() {
    return chain.getFirst();
  }

  /** Returns the certificate of the chain that is the last to become valid. */
  public X509Certificate lastToBegin() {
    return Collections.max(chain, Comparator.comparing(X509Certificate::getNotBefore));
  }

  /** Returns the certificate of the chain that is the first to expire. */
  public X509Certificate firstToExpire() {
    return Collections.min(chain, Comparator.comparing(X509Certificate::getNotAfter));
  }

  /** Returns the hosts' names that it is for, in lower case; a first label may be {@code *}. */
  public List<String> names() {
    Set<String> names = new LinkedHashSet<>(); // a certificate may say one twice
    try {
      Collection<List<?>> alternatives = certificate().getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> each : alternatives) {
          if (each.getFirst().equals(DNS_NAME)) {
            names.add(String.valueOf(each.get(1)).toLowerCase(Locale.ROOT));
          }
        }
      }
    } catch (CertificateParsingException _) {
      // It has none that anybody could read.
    }
    return List.copyOf(names);
  }

  /** Says nothing of the key. */
  @Override
  public String toString() {
    return certificate().getSubjectX500Principal()
        + ", which expires at "
        + firstToExpire().getNotAfter().toInstant();
  }
}
