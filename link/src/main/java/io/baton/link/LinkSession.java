package io.baton.link;

import io.baton.service.Peer;
import io.baton.service.Principal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * One side of a conversation that outlives its connection: while the connection is lost the session
 * is {@link State#AWAY}, and once it is back each side goes on where the other has stopped
 * receiving. Each message is received once, and messages are received in the order of the calls of
 * {@link #send}, unless the session {@linkplain Ending#isLost is lost}.
 *
 * <p><b>Threading.</b> All methods may be called from any thread, also from the session's own
 * callbacks. No method touches a socket, so an interrupt of the calling thread does no harm to the
 * connection.
 *
 * @param <I> what is received
 * @param <O> what is sent
 */
public interface LinkSession<I, O> extends AutoCloseable {

  /** What a session is doing. */
  enum State {
    /** There is a connection. */
    OPEN,
    /** The connection is lost and the session waits for another, for as long as its grace lasts. */
    AWAY,
    /** The session has ended, or {@link #close()} was called. */
    CLOSED
  }

  /**
   * Sends a message. On a thread that may block, which are all threads of a client and those of the
   * {@code virtual} lane of a service, this waits while more than a window of bytes waits to be
   * received by the other side, also while the session is away. It does not end the wait when the
   * thread is interrupted; the thread's interrupted status stays as it is. On other threads it does
   * not wait; look at {@link #writable} first.
   *
   * @return true if the message is queued: the other side receives it, unless the session is lost.
   *     False if the session is closed or closes meanwhile: the message is not sent
   * @throws IllegalArgumentException if the message has more bytes than {@code maxMessage} allows,
   *     or contains what its type forbids; nothing is sent then and the session goes on
   */
  boolean send(O message);

  /** Returns whether {@link #send} would queue a message at once. */
  boolean writable();

  /** Asks as the other method does; waits one minute for the answer. */
  default CompletableFuture<I> ask(O question) {
    return ask(question, LinkChannel.ASK_TIMEOUT);
  }

  /**
   * Asks the other side, whose {@link LinkHandler#asked} answers. The question is sent as {@link
   * #send} sends a message, in order with these, and waits for room as that does. The answer is
   * received on its own, beside the messages, so a client's callback may wait for it. In a client,
   * a future that the other side ends is completed on a thread of its own; in a service, where the
   * callbacks run.
   *
   * <p>The future ends once: with the answer, or with
   *
   * <ul>
   *   <li>a {@link LinkException}: the code and text of the other side's refusal; code 9 (TOO_MANY)
   *       if 1,024 questions of this session wait for an answer; 20 (MOVED) if this is a service
   *       whose session goes on in another worker; 14 (SHUTDOWN) if the server is {@linkplain
   *       LinkHandler#goingAway about to stop}; the code of the session's {@link Ending} if it ends
   *       first, or had ended before
   *   <li>a {@link java.util.concurrent.TimeoutException} when the time is over
   *   <li>a cancellation, if the caller cancels it
   * </ul>
   *
   * In the last two cases the other side is told that nobody waits any more.
   *
   * @param timeout for the answer, from now on; more than zero
   * @throws IllegalArgumentException as {@link #send}, or if the timeout is not positive
   */
  CompletableFuture<I> ask(O question, Duration timeout);

  /**
   * Returns this side's channel of this name: the one that is open, or a new one. A channel is for
   * messages that must not wait for each other's receivers.
   *
   * @param name 1 to 255 bytes of UTF-8
   * @throws IllegalArgumentException if the name is empty or too long
   * @throws IllegalStateException if 64 channels and streams of this side are open
   */
  LinkChannel<I, O> channel(String name);

  /**
   * Sends a file as a byte stream, beside the messages. The file must not change meanwhile: its
   * size and its time of modification are checked when sending goes on after an interruption.
   *
   * <p>A stream that cannot begin fails at once, as {@link Outgoing#done} or the next write tells:
   * with code 9 (TOO_MANY) if 64 channels and streams of this side are open, 14 (SHUTDOWN) if the
   * server is about to stop, or the code that the session was closed with.
   *
   * @param name what the other side is told, up to 255 bytes of UTF-8
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException if the name is too long
   */
  Outgoing stream(String name, Path file) throws IOException;

  /**
   * Sends what can be read from a stream, on a thread of its own, which closes it at the end. In a
   * service, the session stays in its worker until then.
   *
   * @param length the number of bytes, if it is known; fewer or more than that end the stream with
   *     code 16 (ERROR)
   */
  Outgoing stream(String name, InputStream bytes, OptionalLong length);

  /**
   * Opens a byte stream of unknown length that the caller writes. Writing waits for room in the
   * stream's window; an interrupt ends the wait with a {@link java.io.InterruptedIOException}.
   * Closing it ends the stream, and waits for nothing.
   */
  OutputStream stream(String name);

  /**
   * Subscribes a service's session to a topic of its module: from soon on, the handler, a {@code
   * LinkSubscriber}, gets what is published to it. The subscription goes along when the session
   * moves and stays while its client is away; it ends with the session, or if {@link #unsubscribe}
   * is called. Does nothing if the session has subscribed to the topic before or has ended.
   *
   * <p>A session may subscribe to 1,000 topics; one more is a mistake of the service's, which ends
   * the session with an error.
   *
   * @throws IllegalArgumentException if the topic's name is not as it has to be: see {@link
   *     io.baton.service.Topics}
   * @throws IllegalStateException if the handler is no {@code LinkSubscriber}
   * @throws UnsupportedOperationException in a client
   */
  default void subscribe(String topic) {
    throw new UnsupportedOperationException("a client's session has no topics");
  }

  /**
   * The same, and says something about this session to whoever asks for the topic's {@linkplain
   * io.baton.service.Topics#present members}, such as a name. Of a topic that the session has
   * subscribed to already, it replaces what was said before.
   *
   * @param about at most {@value io.baton.service.Member#MAX_ABOUT_BYTES} bytes of UTF-8
   * @throws IllegalArgumentException if the topic's name or the text is not as it has to be
   * @throws IllegalStateException if the handler is no {@code LinkSubscriber}
   * @throws UnsupportedOperationException in a client
   */
  default void subscribe(String topic, String about) {
    throw new UnsupportedOperationException("a client's session has no topics");
  }

  /**
   * Ends a subscription; what is published from soon on does not reach the handler any more. Does
   * nothing if there is none.
   *
   * @throws UnsupportedOperationException in a client
   */
  default void unsubscribe(String topic) {
    throw new UnsupportedOperationException("a client's session has no topics");
  }

  /**
   * Makes a service's session reachable, from soon on until it ends: all services of the module, in
   * whatever worker, may send to it by its {@link io.baton.service.Member#session id}, and by its
   * {@link #principal} if there is one now. It counts as one or two topics of the session.
   *
   * @throws IllegalStateException if the handler is no {@code LinkSubscriber}
   * @throws UnsupportedOperationException in a client
   */
  default void addressable() {
    throw new UnsupportedOperationException("a client's session has no topics");
  }

  /**
   * Returns the estimate of the other side's clock, and begins to take samples for it. After {@link
   * Link#reopen} there is another one.
   */
  LinkClock clock();

  /**
   * Returns the other end of the connection or, while the session is away, of the last one. Where
   * the system does not tell a process, its pid is 0 and its uid is -1.
   */
  Peer peer();

  /**
   * Returns the name of the session, which both sides know; another one after {@link Link#reopen}.
   */
  LinkId id();

  /**
   * Returns who the client of a service's session is, by the word of the listener's or the
   * service's {@code authenticator}; empty without one, and in a client.
   */
  default Optional<Principal> principal() {
    return Optional.empty();
  }

  /** Returns what the session is doing at this moment. */
  State state();

  /**
   * Closes the session in order: what was sent before is delivered first, then the other side is
   * told that this was no failure (code 18, BYE). From here on {@link LinkHandler#closed} is the
   * only callback that begins: messages that arrive are dropped.
   *
   * <p>In a client this waits until it is done, or the thread is interrupted; at the latest when
   * the grace is over, or after 5 seconds if it is shorter. In a callback, and in a service, it
   * returns at once.
   */
  @Override
  default void close() {
    close(18, "");
  }

  /**
   * Closes the session as {@link #close()} does, and tells the other side why. Returns at once.
   *
   * @param code from {@value Ending#FIRST_OF_APPLICATIONS} to 65535, or one that the protocol has
   *     for it, such as 16 for an error
   * @param text a sentence for the other side's log; cut off after 1,024 bytes of UTF-8
   * @throws IllegalArgumentException if the code is not from 1 to 65535
   */
  void close(int code, String text);
}
