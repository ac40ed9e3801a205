package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.LinkException;
import io.baton.link.core.Refusal;
import io.baton.link.core.ServicesQuery;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** The question which services of a server this client may open, on a connection of its own. */
final class ServiceList {
  private static final int BUFFER_BYTES = 16 * 1024;

  private final LinkAddress address;
  private final Dialer dialer;
  private final ClientSettings settings;

  ServiceList(LinkAddress address, Dialer dialer, ClientSettings settings) {
    this.address = address;
    this.dialer = dialer;
    this.settings = settings;
  }

  /** Asks once. */
  List<String> ask() throws LinkException {
    Duration longest = settings.connectTimeout();
    try (LinkConnection connection = dialer.dial(longest)) {
      ClientClock.Timer timer = ClientClock.SYSTEM.after(longest.toNanos(), connection::close);
      try {
        return ask(connection, new ServicesQuery(settings.credentialBytes()));
      } finally {
        timer.cancel();
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

  private List<String> ask(LinkConnection connection, ServicesQuery query) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    while (true) {
      while (query.pending()) {
        query.write(buffer.clear());
        connection.write(buffer.flip());
      }
      if (connection.read(buffer.clear()) < 0) {
        throw new EOFException("the server closed the connection without an answer");
      }
      switch (query.read(buffer.flip())) {
        case WAITING -> {}
        case WELCOMED -> {
          return query.services();
        }
        case REFUSED -> {
          Refusal refusal = Objects.requireNonNull(query.refusal());
          throw new LinkException(
              refusal.code().number(),
              "%s refused to list its services with %s: %s"
                  .formatted(address, refusal.code(), refusal.text()),
              null);
        }
      }
    }
  }
}
