package io.baton.worker.tls;

import io.baton.config.Settings;
import io.baton.credentials.Credentials;
import io.baton.credentials.TicketSecret;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The encrypted connections of this worker. Event loop only. */
public final class TlsConnections implements AutoCloseable {
  private final LongConsumer held;
  private final Handshakes handshakes;

  /** By name, those that are encrypted. */
  private final Map<String, TlsListener> listeners = new HashMap<>();

  private TlsConnections(LongConsumer held) {
    this.held = held;
    this.handshakes = new Handshakes(held);
  }

  /** Those of listeners of which none is encrypted. */
  public static TlsConnections none() {
    return new TlsConnections(_ -> {});
  }

  /**
   * Gets ready for the connections of these listeners.
   *
   * @param credentials has what is in the files that they name
   * @param tickets what session tickets are sealed with, which becomes this object's; null: none
   *     are given
   * @param held is told how many bytes more, or fewer, connections keep here
   * @throws SSLException for the first for which that is not possible, with its name
   */
  public static TlsConnections of(
      List<Settings.Listener> listeners,
      Credentials credentials,
      @Nullable TicketSecret tickets,
      LongConsumer held)
      throws SSLException {
    TlsConnections all = new TlsConnections(held);
    for (Settings.Listener listener : listeners) {
      if (listener.options().tls().isOn()) {
        try {
          all.listeners.put(listener.name(), TlsListener.of(listener, credentials, tickets, held));
        } catch (SSLException | RuntimeException e) {
          throw new SSLException("listener %s: tls: %s".formatted(listener.name(), e), e);
        }
      }
    }
    return all;
  }

  /** Whether the connections of this listener are encrypted. */
  public boolean encrypts(String listener) {
    return listeners.containsKey(listener);
  }

  /**
   * Has a client of such a listener do its handshake first.
   *
   * @param channel not registered yet, with nothing in its pipeline
   * @param arrival is told what becomes of it; those behind in the pipeline hear nothing before the
   *     handshake is done
   */
  public void cover(Channel channel, String listener, Arrival arrival) {
    TlsListener its = listeners.get(listener);
    if (its != null) {
      channel.pipeline().addLast(new Handshake(its, handshakes, arrival));
    }
  }

  /**
   * Goes on with a connection of another worker.
   *
   * @param channel not registered yet, with nothing in its pipeline
   * @param cover as {@link io.baton.worker.channel.Cover#give} has returned it
   * @return the certificates that the client has shown
   * @throws IllegalArgumentException if it is something else
   */
  public List<X509Certificate> resume(Channel channel, ByteBuffer cover) {
    RecordsHandler handler = RecordsHandler.resume(cover, held);
    channel.pipeline().addLast(handler);
    return handler.certificates();
  }

  public Handshakes handshakes() {
    return handshakes;
  }

  /** Ends the handshakes; the memory that all had in common goes with the last connection. */
  @Override
  public void close() {
    handshakes.abort();
    listeners.values().forEach(TlsListener::close);
    listeners.clear();
  }
}
