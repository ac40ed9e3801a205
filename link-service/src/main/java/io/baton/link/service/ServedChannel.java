package io.baton.link.service;

import io.baton.link.LinkChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A channel of a service to its client. Safe for any thread. */
final class ServedChannel<I, O> implements LinkChannel<I, O> {
  /** The session of a channel. */
  interface Owner<I, O> {
    LinkOutput encoded(String channel, O message);

    /** Sends; returns false if the session has ended. */
    boolean output(LinkOutput output);

    boolean isClosed();

    /** Asks by the channel's way. */
    CompletableFuture<I> ask(
        O question, Duration timeout, String channel, @Nullable Predicate<LinkOutput> way);
  }

  private final Owner<I, O> session;
  private final String name;
  private final ChannelRoom room = new ChannelRoom();

  ServedChannel(Owner<I, O> session, String name) {
    this.session = session;
    this.name = name;
  }

  /** Opens it, for the other side to hear of; returns false if the session has ended. */
  boolean open() {
    boolean sent = session.output(new LinkOutput.Channel(name, room));
    if (!sent) {
      room.close();
    }
    return sent;
  }

  boolean isOpen() {
    return room.isOpen();
  }

  void ended() {
    room.close();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean send(O message) {
    LinkOutput encoded = session.encoded(name, message);
    return !session.isClosed() && sends(encoded);
  }

  private boolean sends(LinkOutput output) {
    return room.send(output, output.size(), session::output);
  }

  @Override
  public boolean writable() {
    return !session.isClosed() && room.writable();
  }

  @Override
  public CompletableFuture<I> ask(O question, Duration timeout) {
    return session.ask(question, timeout, name, this::sends);
  }

  @Override
  public void close() {
    if (room.isOpen()) {
      room.close();
      var unused = session.output(new LinkOutput.EndChannel(name)); // false: it has ended
    }
  }
}
