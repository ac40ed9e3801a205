package io.baton.service;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One client's conversation.
 *
 * <p>All methods may be called from any thread, except {@link #hold()}.
 *
 * @param <O> what can be sent
 */
public interface Session<O> {
  /** Most topics that a session subscribes to. */
  int MAX_TOPICS = 1_000;

  /** Returns the session's id, which no other session has and which moves along. */
  SessionId id();

  /** Returns the client's address. */
  Peer peer();

  /**
   * Returns the name under which the client finds this session again over another connection; empty
   * if it cannot.
   */
  default Optional<SessionKey> key() {
    return Optional.empty();
  }

  /**
   * Returns the proxy that the client came through and that said who it is, by the PROXY protocol:
   * {@link #peer} is the client. Empty if the connection is the client's own.
   */
  default Optional<Peer> via() {
    return Optional.empty();
  }

  /**
   * Returns the certificate that the client has shown in the handshake of its encrypted connection,
   * followed by those that lead from it to an authority. It is valid, and issued by an authority in
   * the listener's {@code client-ca}. Empty if the client has shown none: it is asked for one where
   * {@code client-auth} is {@code optional} or {@code require}.
   */
  default List<X509Certificate> peerCertificates() {
    return List.of();
  }

  /**
   * Returns who the client is, by the word of the listener's or the route's {@code authenticator};
   * empty without one. It stays the same while a session moves and while its client is away. Of
   * HTTP it is the principal of the request that is being received, so a service that answers later
   * keeps it.
   */
  default Optional<Principal> principal() {
    return Optional.empty();
  }

  /**
   * Returns the request with which the client has opened this session, as that for a WebSocket: its
   * target, and those of its header fields that the service wants kept. Like the principal, it
   * moves along. Empty if nothing has opened it but a connection, as of HTTP itself.
   */
  default Optional<RequestHead> handshake() {
    return Optional.empty();
  }

  /**
   * Sends a message; messages go out in the order of the calls. What the client does not take waits
   * in memory. Called on the session's own thread of the {@code virtual} lane, this waits while
   * that is more than the high-water mark; anywhere else it does not wait, so a service that sends
   * without being asked looks at {@link #writable()} first. If more waits than the listener's
   * {@code max-pending}, the message is refused and the session is closed at once, with {@link
   * CloseReason#LIMIT}.
   *
   * <p>While a session moves to another worker this works as ever: what was sent goes out here, or
   * moves along if the client does not take it, in the same order and before anything that is sent
   * there. Only in the very moment in which the session is given away does it wait, for a part of
   * one turn of the event loop, until it is known whether it has moved.
   *
   * @return true if the message is on its way: the client gets it unless it, or the connection,
   *     ends before. False if the session has ended or has moved: the message is released, no byte
   *     of it goes out, and none of any later one will through this object. A session that has
   *     moved goes on as another object, which the service there is {@linkplain Service#resumed
   *     given}
   */
  boolean send(O message);

  /**
   * Returns the length in bytes, encoded, of the longest message that the client takes, where it
   * has said so, as in Link; otherwise {@link Integer#MAX_VALUE}. It stays the same.
   */
  default int maxMessage() {
    return Integer.MAX_VALUE;
  }

  /**
   * False while more waits for the client than the high-water mark allows, and while the session is
   * being moved. When it turns true again, {@link Service#writable} is called.
   */
  boolean writable();

  /**
   * Keeps the message that is being received unprocessed until the hold is released: what an answer
   * that comes later is for. While as many messages as the codec's window allows are unprocessed,
   * the client is not read.
   *
   * @throws IllegalStateException outside of {@link Service#received}
   */
  Hold hold();

  /** Runs the task in the session's lane after the delay, unless cancelled or the session ended. */
  Cancellable after(Duration delay, Runnable task);

  /**
   * Subscribes to a topic of the service's module: from soon on, the service, a {@link Subscriber},
   * gets what is published to it. The subscription goes along when the session moves and stays
   * while its client is away; it ends with the session, or if {@link #unsubscribe} is called. Does
   * nothing if the session has subscribed to the topic before, has ended or has moved.
   *
   * <p>A session may subscribe to {@value #MAX_TOPICS} topics; one more is a mistake of the
   * service's, which ends the session with {@link CloseReason#ERROR}. If the worker has no memory
   * for it, the session ends with {@link CloseReason#LIMIT}.
   *
   * @throws IllegalArgumentException if the topic's name is not as it has to be: see {@link Topics}
   * @throws IllegalStateException if the service is no {@link Subscriber}
   */
  default void subscribe(String topic) {
    throw new UnsupportedOperationException("a session without topics");
  }

  /**
   * The same, and says something about this session to whoever asks for the topic's {@linkplain
   * Topics#present members}, such as a name. Of a topic that the session has subscribed to already,
   * it replaces what was said before.
   *
   * @param about at most {@value Member#MAX_ABOUT_BYTES} bytes of UTF-8
   * @throws IllegalArgumentException if the topic's name or the text is not as it has to be
   * @throws IllegalStateException if the service is no {@link Subscriber}
   */
  default void subscribe(String topic, String about) {
    throw new UnsupportedOperationException("a session without topics");
  }

  /**
   * Makes the session reachable, from soon on until it ends: all services of the module, in
   * whatever worker, may {@linkplain Topics#send send} to it by its id, and by its {@link
   * #principal} if there is one now. That moves along. It counts as one or two topics of the
   * session.
   *
   * @throws IllegalStateException if the service is no {@link Subscriber}
   */
  default void addressable() {
    throw new UnsupportedOperationException("a session without topics");
  }

  /**
   * Ends a subscription; what is published from soon on does not reach the service any more. Does
   * nothing if there is none.
   */
  default void unsubscribe(String topic) {
    throw new UnsupportedOperationException("a session without topics");
  }

  /**
   * Ends the session once what was sent before has gone out, from whatever thread. Messages that
   * the client has sent and that are not received yet are not received any more: from here on
   * {@link Service#closed} is the only callback that begins. Does nothing if the session has ended
   * or moved.
   */
  void close(CloseReason why);
}
