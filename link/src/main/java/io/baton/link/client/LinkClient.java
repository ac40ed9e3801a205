package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.TypedMessages;
import io.baton.link.core.ClientHandshake;
import io.baton.link.core.Refusal;
import io.baton.link.core.ServicesQuery;
import io.baton.service.Endpoint;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** The client behind {@link io.baton.link.Link}, which says what its methods do. */
public final class LinkClient {
  private static final RandomGenerator RANDOM = new SecureRandom();
  private static final int BUFFER_BYTES = 16 * 1024;

  private LinkClient() {}

  /** Opens a session. */
  public static <I, O> LinkSession<I, O> open(
      String where,
      TypedMessages<I, O> messages,
      LinkHandler<I, O> handler,
      ClientSettings settings)
      throws LinkException {
    List<LinkAddress> addresses = LinkAddress.parseAll(where);
    SessionContext context = new SessionContext(settings, ClientClock.SYSTEM);
    List<Dialer> dialers = addresses.stream().map(each -> Dialers.to(each, settings.tls)).toList();
    Dialer dialer = dialers.size() == 1 ? dialers.get(0) : new DialerInTurn(dialers);
    return open(addresses.get(0), dialer, context, messages, handler);
  }

  /** Opens a session over whatever the dialer connects to. */
  static <I, O> LinkSession<I, O> open(
      LinkAddress address,
      Dialer dialer,
      SessionContext context,
      TypedMessages<I, O> messages,
      LinkHandler<I, O> handler)
      throws LinkException {
    LinkClientSession<I, O> session = new LinkClientSession<>(context, messages, handler);
    SessionLifecycle<I, O> lifecycle = session.lifecycle();
    Connector connector = new Connector(address, dialer, context, RANDOM);
    ConnectionLoop loop = new ConnectionLoop(lifecycle, connector, context);
    Runnable opened =
        () -> {
          thread(address, "handler", () -> context.callbacks.run(session)).start();
          thread(address, "writer", lifecycle::runWriter).start();
        };
    thread(address, "reader", () -> loop.run(opened)).start();
    lifecycle.awaitOpen();
    return session;
  }

  /** A thread that keeps no JVM alive. Calls of vsock sockets block the thread of the platform. */
  private static Thread thread(LinkAddress address, String role, Runnable task) {
    Thread.Builder builder =
        address.endpoint() instanceof Endpoint.Vsock
            ? Thread.ofPlatform().daemon()
            : Thread.ofVirtual();
    return builder.name("baton-link-" + role + " " + address).unstarted(task);
  }

  /** Asks a server once for the names of its services, on a connection of its own. */
  public static List<String> services(String where, ClientSettings settings) throws LinkException {
    LinkAddress address = LinkAddress.parseServer(where);
    Duration longest = settings.connectTimeout;
    try (LinkConnection connection = Dialers.to(address, settings.tls).dial(longest)) {
      Runnable cancel = ClientClock.SYSTEM.after(longest.toNanos(), connection::close);
      try {
        return ask(address, connection, new ServicesQuery(settings.credential));
      } finally {
        cancel.run();
      }
    } catch (LinkException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LinkException(Ending.UNTOLD, "interrupted while asking " + address, e);
    } catch (IOException | UnsupportedOperationException e) {
      throw new LinkException(
          Ending.UNTOLD, "no list of services of " + address + ": " + e.getMessage(), e);
    }
  }

  private static List<String> ask(
      LinkAddress address, LinkConnection connection, ServicesQuery query) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    ClientHandshake.State state = ClientHandshake.State.WAITING;
    while (state == ClientHandshake.State.WAITING) {
      while (query.pending()) {
        query.write(buffer.clear());
        connection.write(buffer.flip());
      }
      if (connection.read(buffer.clear()) < 0) {
        throw new EOFException("the server closed the connection without an answer");
      }
      state = query.read(buffer.flip());
    }
    if (state == ClientHandshake.State.REFUSED) {
      Refusal refusal = Objects.requireNonNull(query.refusal());
      String text =
          "%s refused to list its services with %s: %s"
              .formatted(address, refusal.code(), refusal.text());
      throw new LinkException(refusal.code().number(), text, null);
    }
    return query.services();
  }
}
