package io.baton.link;

import io.baton.link.client.LinkClient;
import io.baton.link.types.Types;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/**
 * The client's entrance to Link, Baton's own session protocol: sessions of typed messages that
 * outlive their connection. Three calls are enough for a client:
 *
 * <pre>{@code
 * sealed interface Chat permits Said {}
 * record Said(String text) implements Chat {}
 *
 * try (var session = Link.open("tcp://host:7100/chat", Chat.class, m -> System.out.println(m))) {
 *   session.send(new Said("hello"));
 * }
 * }</pre>
 *
 * <p>An address names the server and one of its services:
 *
 * <ul>
 *   <li>{@code tcp://host:7100/chat}
 *   <li>{@code tls://host:7143/chat}, encrypted; the server's certificate must be valid for the
 *       host
 *   <li>{@code unix:///run/chat.sock?service=chat}
 *   <li>{@code vsock://3:7100/chat}; needs Java 22 or newer and {@code --enable-native-access}
 *   <li>{@code vsock+unix:///srv/vm/v.sock?port=7100&service=chat}: the socket that a virtual
 *       machine's monitor makes, as Firecracker does
 * </ul>
 */
public final class Link {
  /** The longest credential, in bytes. */
  public static final int MAX_CREDENTIAL_BYTES = 4_096;

  /** The smallest window, in bytes. */
  public static final int MIN_WINDOW = 4_096;

  /** The largest window, in bytes. */
  public static final int MAX_WINDOW = 16 << 20;

  private Link() {}

  /**
   * Opens a session of a service and waits until the server has opened it, too. Client and server
   * may start in either order: a server that is not there yet is tried again until {@link
   * #connectTimeout} is over.
   *
   * <p>The session's threads keep no JVM alive.
   *
   * @param where the address of the service, see above; or several, of the same service on machines
   *     of a cluster, separated by commas: the first is tried first, the next one whenever there is
   *     no connection to the one that was tried
   * @param in what is received
   * @param out what is sent
   * @param handler called on a virtual thread of the session's own; its {@code opened} may be
   *     called before or after this returns
   * @throws LinkException if no server was reached in time, it refused, or the thread was
   *     interrupted, whose interrupted status is set then
   * @throws IllegalArgumentException if the address is not one
   */
  public static <I, O> LinkSession<I, O> open(
      String where, Types<I> in, Types<O> out, LinkHandler<I, O> handler, Option... options)
      throws LinkException {
    return LinkClient.open(where, new TypedMessages<>(in, out), handler, Option.settings(options));
  }

  /**
   * Opens a session whose messages are of the same types in both directions, and which is
   * interested in nothing else.
   *
   * @param sealed a sealed interface of records, or one record
   * @param received called with each message, on a virtual thread of the session's own
   * @throws LinkException as for the other method
   * @throws IllegalArgumentException if the address is not one, or the types are not supported
   */
  public static <M> LinkSession<M, M> open(
      String where, Class<M> sealed, Consumer<M> received, Option... options) throws LinkException {
    Types<M> types = Types.of(sealed);
    return open(where, types, types, (session, message) -> received.accept(message), options);
  }

  /**
   * Asks a server which of its services this client may open, in one attempt.
   *
   * @param where an address of the same forms; a service in it is ignored
   * @param options {@link #credential}, {@link #connectTimeout} and {@link #tls} count
   * @return their names, in the server's order: Baton's is that of the names
   * @throws LinkException if no server was reached, or it refused
   * @throws IllegalArgumentException if the address is not one
   */
  public static List<String> services(String where, Option... options) throws LinkException {
    return LinkClient.services(where, Option.settings(options));
  }

  /**
   * Sets the secret that the client and the service share. It never travels: each side proves that
   * it knows it. Without a token, anybody may open the service, and nothing proves that the server
   * is the right one.
   *
   * @param secret of any length, copied; at least 16 random bytes are advised
   */
  public static Option token(byte[] secret) {
    require(secret.length > 0, "a token has at least one byte");
    byte[] copy = secret.clone();
    return new Option(settings -> settings.token = copy);
  }

  /**
   * Sets what the service's authenticator is given to say who this client is. It is sent as it is,
   * so only an encrypted connection, or one within a machine, keeps it secret.
   *
   * @param bytes at most {@value #MAX_CREDENTIAL_BYTES}, copied
   */
  public static Option credential(byte[] bytes) {
    require(
        bytes.length <= MAX_CREDENTIAL_BYTES,
        "a credential has at most " + MAX_CREDENTIAL_BYTES + " bytes, not " + bytes.length);
    byte[] copy = bytes.clone();
    return new Option(settings -> settings.credential = copy);
  }

  /**
   * Bounds how long the session waits for another connection once it has lost one, and how long
   * {@link LinkSession#close()} waits for what was sent to be delivered. The server has a bound of
   * its own, and the shorter one counts. Default: the server's.
   *
   * @param longest zero for a session that ends with its connection
   */
  public static Option grace(Duration longest) {
    require(!longest.isNegative(), "a grace is not negative, as " + longest + " is");
    return new Option(settings -> settings.grace = longest);
  }

  /**
   * Bounds how long opening a session may take, all attempts together: a server that is not there
   * yet is tried again until then. Default: 10 seconds.
   *
   * @param longest more than zero; there is always one attempt
   */
  public static Option connectTimeout(Duration longest) {
    require(longest.isPositive(), "a time to connect is more than zero, not " + longest);
    return new Option(settings -> settings.connectTimeout = longest);
  }

  /**
   * Sets after how long a silence the server is asked for a sign of life. If nothing arrives for 10
   * seconds more, or as long again if that is shorter, the connection is given up as lost, and the
   * session goes on over another one. Default: 30 seconds.
   *
   * @param silence zero for a connection that may be silent as long as the system lets it
   */
  public static Option keepAlive(Duration silence) {
    require(!silence.isNegative(), "a silence is not negative, as " + silence + " is");
    return new Option(settings -> settings.keepAlive = silence);
  }

  /**
   * Sets how many bytes of messages that this side has not consumed yet the other side may send. It
   * bounds the memory that a slow handler costs. Default: 256 KiB.
   *
   * @param bytes from {@value #MIN_WINDOW} to {@value #MAX_WINDOW}
   */
  public static Option window(int bytes) {
    require(
        bytes >= MIN_WINDOW && bytes <= MAX_WINDOW,
        "a window is from " + MIN_WINDOW + " to " + MAX_WINDOW + " bytes, not " + bytes);
    return new Option(settings -> settings.window = bytes);
  }

  /**
   * Bounds a single message that this side receives. Default: 1 MiB, which is also the most.
   *
   * @param bytes encoded, from 256 to 1,048,576
   */
  public static Option maxMessage(int bytes) {
    require(
        bytes >= 256 && bytes <= 1 << 20,
        "the longest message is from 256 to 1048576 bytes, not " + bytes);
    return new Option(settings -> settings.maxMessage = bytes);
  }

  /**
   * Sets what a {@code tls://} address trusts, and the certificate that this client shows if it is
   * asked for one. Default: {@link SSLContext#getDefault}. The server's certificate must be valid
   * for the host of the address in any case.
   */
  public static Option tls(SSLContext context) {
    return new Option(settings -> settings.tls = context);
  }

  /**
   * Opens another session of the same service when one {@linkplain Ending#isLost is lost} or ends
   * because the server stops, in the same {@link LinkSession} object, instead of ending it. The
   * handler's {@link LinkHandler#opened} is called again then. What was sent and not yet received
   * by the other side is dropped: exactly-once holds within one session only.
   *
   * @param lost called between the last callback of the old session and {@code opened} of the new
   *     one, on the session's own thread
   */
  public static Option reopen(Consumer<Ending> lost) {
    return new Option(settings -> settings.reopen = lost);
  }

  private static void require(boolean holds, String complaint) {
    if (!holds) {
      throw new IllegalArgumentException(complaint);
    }
  }
}
