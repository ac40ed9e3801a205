package io.baton.worker.broker.nats;

import io.baton.credentials.Identity;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** TLS towards a NATS server, whose certificate must be for the host that was connected to. */
final class NatsTls {
  private NatsTls() {}

  /**
   * Makes a context.
   *
   * @param authorities who issue the server's certificate; null: those that the JVM trusts
   * @param own what the server is shown; null: nothing
   */
  static SSLContext context(@Nullable List<X509Certificate> authorities, @Nullable Identity own)
      throws GeneralSecurityException, IOException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        own == null ? new KeyManager[0] : keys(own),
        new TrustManager[] {new OfHost(trust(authorities))},
        null);
    return context;
  }

  private static X509ExtendedTrustManager trust(@Nullable List<X509Certificate> authorities)
      throws GeneralSecurityException, IOException {
    KeyStore store = null;
    if (authorities != null) {
      store = empty();
      for (X509Certificate each : authorities) {
        store.setCertificateEntry(Integer.toString(store.size()), each);
      }
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager each : factory.getTrustManagers()) {
      if (each instanceof X509ExtendedTrustManager its) {
        return its;
      }
    }
    throw new IllegalStateException("this JDK has no trust manager for certificates");
  }

  private static KeyManager[] keys(Identity own) throws GeneralSecurityException, IOException {
    KeyStore store = empty();
    store.setKeyEntry("own", own.key(), new char[0], own.chain().toArray(new Certificate[0]));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  /** Has the certificate checked for the host, which the client library does not ask for. */
  private static final class OfHost extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager trust;

    private OfHost(X509ExtendedTrustManager trust) {
      this.trust = trust;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      if (!(socket instanceof SSLSocket its)) {
        throw new CertificateException("no host to check the certificate for");
      }
      SSLParameters parameters = its.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      its.setSSLParameters(parameters);
      trust.checkServerTrusted(chain, type, its);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("no host to check the certificate for");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("no host to check the certificate for");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException("this is no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("this is no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("this is no server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return trust.getAcceptedIssuers();
    }
  }
}
