package io.baton.worker.tls;

import io.baton.credentials.Identity;
import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import java.net.Socket;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of a listener, and which of them a client is shown: the one that is for the name
 * it asks for, or else for all names of that domain, or else the first.
 */
final class Identities extends X509ExtendedKeyManager {
  /** In their order, which is how they are named to BoringSSL. */
  private final List<Identity> all;

  private final Map<String, Integer> byName = new HashMap<>();

  private Identities(List<Identity> all) {
    this.all = all;
    for (int i = 0; i < all.size(); i++) {
      for (String name : all.get(i).names()) {
        byName.putIfAbsent(name, i);
      }
    }
  }

  /** For BoringSSL's context, which asks it in each handshake. */
  static KeyManagerFactory factory(List<Identity> all) {
    Identities identities = new Identities(all);
    return new SimpleKeyManagerFactory("identities") {
      @Override
      protected void engineInit(KeyStore store, char[] password) {
        // They are known.
      }

      @Override
      protected void engineInit(ManagerFactoryParameters parameters) {
        // They are known.
      }

      @Override
      protected KeyManager[] engineGetKeyManagers() {
        return new KeyManager[] {identities};
      }
    };
  }

  /** Returns which one is for this name; the first if none is. */
  int of(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    Integer exact = byName.get(lower);
    if (exact != null) {
      return exact;
    }
    int dot = lower.indexOf('.');
    return dot <= 0 ? 0 : byName.getOrDefault("*" + lower.substring(dot), 0);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    int chosen = 0;
    if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
      for (SNIServerName each : session.getRequestedServerNames()) {
        if (each instanceof SNIHostName host) {
          chosen = of(host.getAsciiName());
        }
      }
    }
    // Another kind of key will be asked for next.
    return all.get(chosen).key().getAlgorithm().equals(keyType) ? String.valueOf(chosen) : null;
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return all.get(Integer.parseInt(alias)).chain().toArray(X509Certificate[]::new);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return all.get(Integer.parseInt(alias)).key();
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    List<String> aliases = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).key().getAlgorithm().equals(keyType)) {
        aliases.add(String.valueOf(i));
      }
    }
    return aliases.toArray(String[]::new);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null; // there are no sockets here
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
