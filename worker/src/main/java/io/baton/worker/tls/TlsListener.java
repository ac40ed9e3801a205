package io.baton.worker.tls;

import io.baton.config.Settings;
import io.baton.config.TlsSettings;
import io.baton.credentials.Credentials;
import io.baton.credentials.Identity;
import io.baton.credentials.TicketSecret;
import io.baton.log.RareLine;
import io.baton.worker.tls.record.Records;
import io.baton.worker.tls.record.Suite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one listener's handshakes have in common. Event loop only. */
final class TlsListener {
  private static final Logger LOG = LoggerFactory.getLogger(TlsListener.class);

  /** Of TLS 1.2, as in Mozilla's intermediate profile; those of 1.3 are always offered. */
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private final String name;
  private final TlsSettings settings;
  private final LongConsumer held;
  private final ReferenceCountedOpenSslContext context;
  private final Secrets secrets;
  private final @Nullable TicketKeys tickets;
  private final RareLine failures = new RareLine(System::nanoTime);

  private TlsListener(
      String name,
      TlsSettings settings,
      LongConsumer held,
      ReferenceCountedOpenSslContext context,
      @Nullable TicketKeys tickets) {
    this.name = name;
    this.settings = settings;
    this.held = held;
    this.context = context;
    this.secrets = Secrets.of(context);
    this.tickets = tickets;
  }

  /**
   * Makes one.
   *
   * @param tickets what session tickets are sealed with; null: none are given
   * @param held is told how many bytes more, or fewer, its connections keep
   * @throws SSLException if BoringSSL does not take a certificate, or is not there
   */
  static TlsListener of(
      Settings.Listener listener,
      Credentials credentials,
      @Nullable TicketSecret tickets,
      LongConsumer held)
      throws SSLException {
    if (!OpenSsl.isAvailable()) {
      throw new SSLException("BoringSSL cannot be loaded", OpenSsl.unavailabilityCause());
    }
    TlsSettings tls = listener.options().tls();
    List<Identity> identities = tls.certificates().stream().map(credentials::identity).toList();
    SslContextBuilder builder =
        SslContextBuilder.forServer(
                new OpenSslCachingX509KeyManagerFactory(Identities.factory(identities)))
            .sslProvider(SslProvider.OPENSSL_REFCNT)
            .protocols(tls.protocols().stream().map(each -> each.text).toList())
            .ciphers(CIPHERS)
            .clientAuth(
                switch (tls.clientAuth()) {
                  case NONE -> ClientAuth.NONE;
                  case OPTIONAL -> ClientAuth.OPTIONAL;
                  case REQUIRE -> ClientAuth.REQUIRE;
                })
            .applicationProtocolConfig(protocols(listener.codec()));
    List<X509Certificate> authorities =
        tls.clientCa() == null ? List.of() : credentials.authorities(tls.clientCa());
    if (tls.clientCa() != null) {
      builder.trustManager(authorities.toArray(X509Certificate[]::new));
    }
    ReferenceCountedOpenSslContext context = (ReferenceCountedOpenSslContext) builder.build();
    OpenSslServerSessionContext sessions = (OpenSslServerSessionContext) context.sessionContext();
    sessions.setSessionCacheEnabled(false);
    TicketKeys keys =
        tickets == null || !tls.tickets()
            ? null
            : new TicketKeys(sessions, tickets, listener.name(), tls.clientAuth(), authorities);
    return new TlsListener(listener.name(), tls, held, context, keys);
  }

  /** What is spoken inside, for clients that ask (RFC 7301). */
  private static ApplicationProtocolConfig protocols(String codec) {
    return switch (codec) {
      case "http", "websocket" ->
          new ApplicationProtocolConfig(
              ApplicationProtocolConfig.Protocol.ALPN,
              ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
              ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
              "http/1.1");
      default -> ApplicationProtocolConfig.DISABLED;
    };
  }

  long handshakeMs() {
    return settings.handshakeMs();
  }

  SslHandler newHandler(ByteBufAllocator alloc) {
    if (tickets != null) {
      tickets.renew(System.currentTimeMillis());
    }
    SslHandler handler = context.newHandler(alloc);
    handler.setHandshakeTimeoutMillis(0); // time is the handshake's matter
    return handler;
  }

  /**
   * Returns what goes on with a connection whose handshake is done; null if it stays where it is.
   *
   * @param certificates that the client has shown
   * @throws SSLException if it cannot go on
   */
  @Nullable RecordsHandler takeOver(
      SslHandler of, List<X509Certificate> certificates, ByteBufAllocator alloc)
      throws SSLException {
    long connection = connection(of);
    Optional<Suite> suite = Suite.named(of.engine().getSession().getCipherSuite());
    if (suite.isEmpty() || settings.records() == TlsSettings.Records.ENGINE) {
      secrets.forget(connection);
      return null;
    }
    Tickets given = tickets == null ? Tickets.NONE : Tickets.of(of.engine(), alloc);
    Records records = secrets.take(connection, suite.get(), given.count());
    if (records == null) {
      given.records().release();
      return null;
    }
    return new RecordsHandler(records, certificates, given.records(), held);
  }

  /** Whether a client has shown a ticket that was good. */
  boolean isResumed(SslHandler of) {
    return SSL.isSessionReused(connection(of));
  }

  void forget(SslHandler of) {
    secrets.forget(connection(of));
  }

  private static long connection(SslHandler of) {
    return ((ReferenceCountedOpenSslEngine) of.engine()).sslPointer();
  }

  RecordFeed recordFeed(PlaintextReply plaintext, Consumer<ByteBuf> refuse) {
    return new RecordFeed(plaintext, refuse, held);
  }

  /** Returns what the client has shown in its handshake. */
  List<X509Certificate> certificates(SslHandler of) {
    if (settings.clientAuth() == TlsSettings.ClientAuth.NONE) {
      return List.of();
    }
    try {
      return Arrays.stream(of.engine().getSession().getPeerCertificates())
          .map(X509Certificate.class::cast)
          .toList();
    } catch (SSLPeerUnverifiedException _) {
      return List.of();
    }
  }

  EngineCover engineCover(SslHandler of) {
    String why =
        settings.records() == TlsSettings.Records.ENGINE
            ? "encrypted with tls.records = engine"
            : "encrypted with " + of.engine().getSession().getProtocol();
    return new EngineCover(of, held, why);
  }

  /** No more of its clients will come. */
  void close() {
    context.release();
  }

  /** A handshake came to nothing. */
  void failed(String why) {
    long times = failures.due();
    if (times > 0) {
      LOG.info(
          "listener {}: a client's TLS handshake failed: {}; failures since this was last logged: {}",
          name,
          why,
          times);
    }
  }
}
