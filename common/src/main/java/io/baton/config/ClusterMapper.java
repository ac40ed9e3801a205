package io.baton.config;

import io.baton.credentials.Credentials;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** From the block {@code cluster} to {@link ClusterSettings}. */
final class ClusterMapper {
  /** A name that is a part of a subject. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,32}");

  private static final int MAX_SERVERS = 16;
  private static final int MAX_PORT = 65_535;

  private static final String BROKER =
      "\"\", or up to %d of nats://HOST:PORT or tls://HOST:PORT with commas between them, without user and password (these are in the file of credentials)"
          .formatted(MAX_SERVERS);

  private final CredentialsReader credentials;

  ClusterMapper(CredentialsReader credentials) {
    this.credentials = credentials;
  }

  ClusterSettings map(Section cluster) {
    List<URI> broker = broker(cluster);
    Section tls = cluster.section("tls");
    Path authorities = credentials.authorities(tls, "ca");
    Credentials.Files certificate = credentials.certificate(tls);
    tls.end();
    ClusterSettings its =
        new ClusterSettings(
            broker,
            cluster.text(
                "name",
                "1 to 32 of the letters a to z and A to Z, digits, - and _",
                text -> NAME.matcher(text).matches()),
            credentials.tokens(cluster, "secret"),
            credentials.brokerCredentials(cluster, "credentials"),
            new ClusterSettings.Tls(authorities, certificate));
    cluster.end();
    checkEncrypted(cluster, its);
    return its;
  }

  /** What is configured for TLS is not left unused. */
  private static void checkEncrypted(Section cluster, ClusterSettings its) {
    boolean wanted = its.tls().authorities() != null || its.tls().certificate() != null;
    if (wanted && its.broker().stream().anyMatch(each -> !each.getScheme().equals("tls"))) {
      cluster.contradicts("broker", "servers of the form tls://HOST:PORT, since tls has files");
    }
  }

  /** A password that stands where it should not is not repeated. */
  private static List<URI> broker(Section cluster) {
    String text = cluster.text("broker", BROKER, _ -> true);
    List<URI> all = new ArrayList<>();
    for (String each : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      URI server = server(each.strip());
      if (server != null) {
        all.add(server);
      } else if (text.indexOf('@') >= 0) {
        cluster.reject("broker", "found a user or a password, allowed " + BROKER);
        return List.of();
      } else {
        cluster.refuse("broker", BROKER);
        return List.of();
      }
    }
    if (all.size() > MAX_SERVERS) {
      cluster.refuse("broker", BROKER);
    }
    return all;
  }

  private static @Nullable URI server(String text) {
    try {
      URI url = new URI(text);
      boolean isGood =
          ("nats".equals(url.getScheme()) || "tls".equals(url.getScheme()))
              && url.getHost() != null
              && url.getUserInfo() == null
              && url.getPort() > 0
              && url.getPort() <= MAX_PORT
              && url.getRawPath().isEmpty()
              && url.getRawQuery() == null
              && url.getRawFragment() == null;
      return isGood ? url : null;
    } catch (URISyntaxException _) {
      return null;
    }
  }
}
