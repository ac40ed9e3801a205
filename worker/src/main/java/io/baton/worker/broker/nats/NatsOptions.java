package io.baton.worker.broker.nats;

import io.baton.config.ClusterSettings;
import io.baton.credentials.Credentials;
import io.nats.client.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;

/** The options of the client library, from the settings of the cluster. */
final class NatsOptions {
  private static final Duration RECONNECT_WAIT = Duration.ofMillis(100);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration PING_INTERVAL = Duration.ofSeconds(5);

  private NatsOptions() {}

  /**
   * Makes options that lack what is called.
   *
   * @param name of the connection, for the operator of the broker
   */
  static Options.Builder of(ClusterSettings cluster, Credentials credentials, String name)
      throws GeneralSecurityException, IOException {
    Options.Builder to =
        new Options.Builder()
            .servers(cluster.broker().stream().map(Object::toString).toArray(String[]::new))
            .connectionName(name)
            .noEcho()
            .noHeaders()
            .noNoResponders()
            .hostnameResolveMode(
                Options.HostnameResolveMode.HappyEyeballs) // the certificate is of a name
            .maxReconnects(-1)
            .reconnectBufferSize(0) // who publishes is to know that it does not arrive
            .maxMessagesInOutgoingQueue(0) // bounded by who publishes, who must never wait
            .reconnectWait(RECONNECT_WAIT)
            .reconnectJitter(RECONNECT_WAIT)
            .reconnectJitterTls(RECONNECT_WAIT)
            .connectionTimeout(CONNECT_TIMEOUT)
            .pingInterval(PING_INTERVAL);
    if (cluster.broker().stream().anyMatch(each -> each.getScheme().equals("tls"))) {
      Path authorities = cluster.tls().authorities();
      Credentials.Files own = cluster.tls().certificate();
      to.sslContext(
          NatsTls.context(
              authorities == null ? null : credentials.authorities(authorities),
              own == null ? null : credentials.identity(own)));
    }
    Path file = cluster.credentials();
    if (file != null) {
      authenticate(to, credentials.token(file));
    }
    return to;
  }

  private static void authenticate(Options.Builder to, byte[] content) {
    if (NatsCredentials.isOne(content)) {
      to.authHandler(NatsCredentials.read(content));
      return;
    }
    String line = new String(content, StandardCharsets.UTF_8).strip();
    int colon = line.indexOf(':');
    if (colon < 0) {
      to.token(line.toCharArray());
    } else {
      to.userInfo(line.substring(0, colon).toCharArray(), line.substring(colon + 1).toCharArray());
    }
  }
}
