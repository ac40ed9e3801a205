package io.baton.link.client;

import io.baton.link.Ending;
import java.time.Duration;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a client's session, each with its default. {@link io.baton.link.Link} checks and
 * sets them before the session is opened; after that they are only read.
 */
public final class ClientSettings {
  /** The secret shared with the service; null for none. */
  public byte @Nullable [] token;

  /** What the service's authenticator is given. */
  public byte[] credential = {};

  /** The longest wait for another connection; null for the server's. */
  public @Nullable Duration grace;

  /** The longest time for opening, all attempts together. */
  public Duration connectTimeout = Duration.ofSeconds(10);

  /** The longest silence of the server before it is asked for a sign of life; zero for no limit. */
  public Duration keepAlive = Duration.ofSeconds(30);

  /** The bytes of messages that the server may send ahead. */
  public int window = 256 << 10;

  /** The longest message to be received, in bytes. */
  public int maxMessage = 1 << 20;

  /** What an encrypted connection trusts; null for the JVM's default. */
  public @Nullable SSLContext tls;

  /** Told of a lost session before another one is opened in its place; null: none is. */
  public @Nullable Consumer<Ending> reopen;
}
