package io.baton.link.service;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.link.Ending;
import io.baton.link.LinkChannel;
import io.baton.link.LinkClock;
import io.baton.link.LinkException;
import io.baton.link.LinkId;
import io.baton.link.LinkSession;
import io.baton.link.Outgoing;
import io.baton.link.Transfer;
import io.baton.link.TypedMessages;
import io.baton.link.core.LinkCode;
import io.baton.link.stream.OutgoingStream;
import io.baton.service.CloseReason;
import io.baton.service.Peer;
import io.baton.service.Principal;
import io.baton.service.Session;
import io.baton.service.SessionKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A session as a service's handler sees it. Safe for any thread. */
final class ServedSession<I, O>
    implements LinkSession<I, O>, ServedChannel.Owner<I, O>, ServedAnswer.Owner<O> {
  private final Session<LinkOutput> session;
  private final TypedMessages<I, O> messages;
  private final boolean subscribes;
  private volatile State state = State.OPEN;

  /** What this side has closed the session with. */
  private volatile @Nullable Ending closing;

  /** What the other side has closed it with. In the session's lane. */
  private @Nullable Ending said;

  // With this object's lock.

  /** The other side's questions that are not answered. */
  private Map<Long, ServedAnswer<O>> answers = Collections.emptyMap();

  private Map<String, ServedChannel<I, O>> channels = Collections.emptyMap();

  /** From the first question of this side on. */
  private @Nullable ServedAsks<I, O> asks;

  /** From the first channel or stream on. */
  private LinkOutput.@Nullable Shared shared;

  private @Nullable ServedClock clock;

  /**
   * @param subscribes whether its handler is a {@link LinkSubscriber}
   */
  ServedSession(Session<LinkOutput> session, TypedMessages<I, O> messages, boolean subscribes) {
    this.session = session;
    this.messages = messages;
    this.subscribes = subscribes;
  }

  private static LinkId id(SessionKey key) {
    return new LinkId(key.high(), key.low());
  }

  // ---- messages ----

  @Override
  public boolean send(O message) {
    return state != State.CLOSED && output(encoded("", message));
  }

  @Override
  public LinkOutput.Message encoded(String channel, O message) {
    return Encoding.message(session, messages, channel, message);
  }

  @Override
  public boolean output(LinkOutput output) {
    return session.send(output);
  }

  @Override
  public boolean writable() {
    return state != State.CLOSED && session.writable();
  }

  // ---- questions and answers ----

  @Override
  public CompletableFuture<I> ask(O question, Duration timeout) {
    return ask(question, timeout, "", null);
  }

  @Override
  public CompletableFuture<I> ask(
      O question, Duration timeout, String channel, @Nullable Predicate<LinkOutput> way) {
    return asks().ask(question, timeout, channel, way);
  }

  synchronized ServedAsks<I, O> asks() {
    ServedAsks<I, O> its = asks;
    if (its == null) {
      its = new ServedAsks<>(session, messages);
      asks = its;
    }
    return its;
  }

  /** Makes the answer to a question that has come. */
  synchronized ServedAnswer<O> answer(long ask) {
    ServedAnswer<O> answer = new ServedAnswer<>(this, ask);
    if (answers.isEmpty()) {
      answers = new HashMap<>();
    }
    answers.put(ask, answer);
    return answer;
  }

  @Override
  public LinkOutput.Reply encoded(long ask, O message) {
    return new LinkOutput.Reply(ask, messages.own(), Encoding.bytes(session, messages, message));
  }

  @Override
  public synchronized void answered(long ask) {
    answers.remove(ask);
  }

  /** A question waits for no answer any more. In the session's lane. */
  void cancelled(long ask) {
    ServedAnswer<O> answer;
    synchronized (this) {
      answer = answers.remove(ask);
    }
    if (answer != null) {
      answer.cancel();
    }
  }

  // ---- channels, streams, clock ----

  @Override
  public LinkChannel<I, O> channel(String name) {
    checkName(name);
    ChannelPlaces places = share().places();
    ServedChannel<I, O> made;
    synchronized (this) {
      channels.values().removeIf(each -> !each.isOpen());
      ServedChannel<I, O> open = channels.get(name);
      if (open != null) {
        return open;
      }
      made = new ServedChannel<>(this, name);
      if (state == State.CLOSED) {
        made.ended();
        return made;
      }
      if (!places.take(name)) {
        throw new IllegalStateException(
            "64 channels and streams of this side are open, and no more may be");
      }
      if (channels.isEmpty()) {
        channels = new HashMap<>();
      }
      channels.put(name, made);
    }
    if (!made.open()) {
      places.giveBack();
    }
    return made;
  }

  private static void checkName(String name) {
    int bytes = name.getBytes(UTF_8).length;
    if (bytes < 1 || bytes > 255) {
      throw new IllegalArgumentException("a name has 1 to 255 bytes of UTF-8, not " + bytes);
    }
  }

  @Override
  public boolean isClosed() {
    return state == State.CLOSED;
  }

  @Override
  public Outgoing stream(String name, Path file) throws IOException {
    return begin(OutgoingStream.of(name, file));
  }

  @Override
  public Outgoing stream(String name, InputStream bytes, OptionalLong length) {
    return begin(OutgoingStream.of(name, bytes, length));
  }

  @Override
  public OutputStream stream(String name) {
    return begin(OutgoingStream.of(name)).output();
  }

  private OutgoingStream begin(OutgoingStream stream) {
    ChannelPlaces places = share().places();
    if (state == State.CLOSED) {
      abandonClosed(stream);
    } else if (!places.take()) {
      stream.abandon(
          new LinkException(
              LinkCode.TOO_MANY.number(),
              "the stream %s: 64 channels and streams of this side are open"
                  .formatted(stream.name()),
              null));
    } else if (!output(new LinkOutput.Stream(stream))) {
      places.giveBack();
      abandonClosed(stream);
    }
    return stream;
  }

  private void abandonClosed(OutgoingStream stream) {
    Ending why = closing;
    int code = why == null ? LinkCode.BYE.number() : why.code();
    stream.abandon(
        new LinkException(
            code, "the stream %s: the session is closed".formatted(stream.name()), null));
  }

  /**
   * Has the codec hand over the transfers that end with the session, and count the channels.
   *
   * @return what it shares for that, the same each time
   */
  LinkOutput.Shared share() {
    LinkOutput.Shared made;
    synchronized (this) {
      if (shared != null) {
        return shared;
      }
      made = new LinkOutput.Shared(new UntoldTransfers(), new ChannelPlaces());
      shared = made;
    }
    var unused = output(made); // false: the session has ended
    return made;
  }

  @Override
  public LinkClock clock() {
    ServedClock made;
    synchronized (this) {
      if (clock != null) {
        return clock;
      }
      made = new ServedClock();
      clock = made;
    }
    var unused = output(new LinkOutput.Clock(made)); // false: the session has ended
    return made;
  }

  // ---- topics ----

  @Override
  public void subscribe(String topic) {
    requireSubscriber();
    session.subscribe(topic);
  }

  @Override
  public void subscribe(String topic, String about) {
    requireSubscriber();
    session.subscribe(topic, about);
  }

  @Override
  public void unsubscribe(String topic) {
    session.unsubscribe(topic);
  }

  @Override
  public void addressable() {
    requireSubscriber();
    session.addressable();
  }

  private void requireSubscriber() {
    if (!subscribes) {
      throw new IllegalStateException(
          "the handler subscribes, but is no " + LinkSubscriber.class.getName());
    }
  }

  // ---- the session ----

  @Override
  public Peer peer() {
    return session.peer();
  }

  @Override
  public LinkId id() {
    return session.key().map(ServedSession::id).orElse(new LinkId(0, session.id().value()));
  }

  @Override
  public Optional<Principal> principal() {
    return session.principal();
  }

  @Override
  public State state() {
    return state;
  }

  @Override
  public void close(int code, String text) {
    if (code < 1 || code > Ending.MAX_CODE) {
      throw new IllegalArgumentException("a code is from 1 to 65535, not " + code);
    }
    Ending why = new Ending(code, text, false);
    synchronized (this) {
      if (state == State.CLOSED) {
        return;
      }
      state = State.CLOSED;
      closing = why;
    }
    var unused = output(new LinkOutput.Goodbye(code, text)); // false: it has ended
  }

  /** The other side has closed the session. In its lane. */
  void said(Ending why) {
    said = why;
  }

  /** Returns the end of the session, as one of its sides has said it, or else the worker does. */
  Ending ending(CloseReason why) {
    Ending own = closing;
    Ending others = said;
    return own != null ? own : others != null ? others : Endings.of(why);
  }

  /** The client has lost its connection, or is back. */
  synchronized void away(boolean is) {
    if (state != State.CLOSED) {
      state = is ? State.AWAY : State.OPEN;
    }
  }

  /** The session goes on in another worker: what depends on this process ends. */
  void moved() {
    end(LinkCode.MOVED.number(), "the session goes on in another worker");
  }

  /** The session is over. In its lane; the handler is told of the transfers that end with it. */
  void ended(Ending why, Consumer<Transfer> handler) {
    String text = why.text().isEmpty() ? "" : ": " + why.text();
    end(why.code(), "the session has ended" + text);
    LinkOutput.Shared last;
    synchronized (this) {
      last = shared;
    }
    if (last != null) {
      last.untold().tell(handler);
    }
  }

  private void end(int code, String text) {
    List<ServedAnswer<O>> open;
    synchronized (this) {
      state = State.CLOSED;
      open = List.copyOf(answers.values());
      answers.clear();
      channels.values().forEach(ServedChannel::ended);
      channels.clear();
    }
    asks().end(code, text);
    open.forEach(ServedAnswer::cancel);
  }
}
