package io.baton.worker.tls;

import io.baton.config.TlsSettings;
import io.baton.credentials.TicketSecret;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;

/**
 * The keys with which one listener's session tickets are sealed and opened. They are the same in
 * every worker, and others for another listener, or when it asks for other client certificates: a
 * ticket does not let anybody in who would have to show more. Event loop only.
 */
final class TicketKeys {
  private final OpenSslServerSessionContext sessions;
  private final TicketSecret secret;
  private final byte[] purpose;
  private long epoch = Long.MIN_VALUE;

  /**
   * @param sessions of the listener
   * @param secret which others may have, too
   * @param authorities of clients' certificates
   */
  TicketKeys(
      OpenSslServerSessionContext sessions,
      TicketSecret secret,
      String listener,
      TlsSettings.ClientAuth clientAuth,
      List<X509Certificate> authorities) {
    this.sessions = sessions;
    this.secret = secret;
    this.purpose = purpose(listener, clientAuth, authorities);
  }

  private static byte[] purpose(
      String listener, TlsSettings.ClientAuth clientAuth, List<X509Certificate> authorities) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((listener + '\0' + clientAuth + '\0').getBytes(StandardCharsets.UTF_8));
      for (X509Certificate each : authorities) {
        digest.update(each.getEncoded()); // which begins with its length
      }
      return digest.digest();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK cannot digest a certificate that it has read", e);
    }
  }

  /**
   * Sets those of this time; to be called before each handshake.
   *
   * @param nowMs time of the day, since 1970
   */
  void renew(long nowMs) {
    long now = secret.advance(nowMs);
    if (now != epoch) {
      epoch = now;
      sessions.setTicketKeys(
          secret.keys(purpose).stream()
              .map(TicketKeys::key)
              .toArray(OpenSslSessionTicketKey[]::new));
    }
  }

  private static OpenSslSessionTicketKey key(byte[] derived) {
    int hmac = OpenSslSessionTicketKey.NAME_SIZE;
    int aes = hmac + OpenSslSessionTicketKey.HMAC_KEY_SIZE;
    try {
      return new OpenSslSessionTicketKey(
          Arrays.copyOf(derived, hmac),
          Arrays.copyOfRange(derived, hmac, aes),
          Arrays.copyOfRange(derived, aes, aes + OpenSslSessionTicketKey.AES_KEY_SIZE));
    } finally {
      Arrays.fill(derived, (byte) 0);
    }
  }
}
