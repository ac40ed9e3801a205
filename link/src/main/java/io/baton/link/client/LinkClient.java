package io.baton.link.client;

import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.Option;
import io.baton.link.TypedMessages;
import java.security.SecureRandom;
import java.util.List;
import java.util.random.RandomGenerator;

/** The client behind {@link io.baton.link.Link}, which says what its methods do. */
public final class LinkClient {
  private static final RandomGenerator RANDOM = new SecureRandom();

  private LinkClient() {}

  /** Opens a session. */
  public static <I, O> LinkSession<I, O> open(
      String where, TypedMessages<I, O> messages, LinkHandler<I, O> handler, Option... options)
      throws LinkException {
    LinkAddress address = LinkAddress.parse(where);
    ClientSettings settings = ClientSettings.of(options);
    Dialer dialer = Dialers.to(address, settings.tls());
    return open(address, dialer, settings, messages, handler);
  }

  /** Opens a session over whatever the dialer connects to. */
  static <I, O> LinkSession<I, O> open(
      LinkAddress address,
      Dialer dialer,
      ClientSettings settings,
      TypedMessages<I, O> messages,
      LinkHandler<I, O> handler)
      throws LinkException {
    ClientClock clock = ClientClock.SYSTEM;
    LinkClientSession<I, O> session = new LinkClientSession<>(settings, messages, clock);
    Connector connector =
        new Connector(address, dialer, settings, clock, RANDOM, session.lock(), session.changed());
    Thread handlers = thread(dialer, address, "handler", () -> session.runHandler(handler));
    Thread writer = thread(dialer, address, "writer", session::runWriter);
    Runnable opened =
        () -> {
          handlers.start();
          writer.start();
        };
    ConnectionLoop loop = new ConnectionLoop(session, connector, settings, opened);
    thread(dialer, address, "reader", loop::run).start();
    session.awaitOpen();
    return session;
  }

  /** Asks a server for the names of its services. */
  public static List<String> services(String where, Option... options) throws LinkException {
    LinkAddress address = LinkAddress.parseServer(where);
    ClientSettings settings = ClientSettings.of(options);
    return new ServiceList(address, Dialers.to(address, settings.tls()), settings).ask();
  }

  /** A thread that keeps no JVM alive. */
  private static Thread thread(Dialer dialer, LinkAddress address, String role, Runnable task) {
    Thread.Builder builder =
        dialer.needsPlatformThreads() ? Thread.ofPlatform().daemon() : Thread.ofVirtual();
    return builder.name("baton-link-" + role + " " + address).unstarted(task);
  }
}
