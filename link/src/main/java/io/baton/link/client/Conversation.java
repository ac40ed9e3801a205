package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkId;
import io.baton.link.LinkSession;
import io.baton.link.Transfer;
import io.baton.link.TypeSet;
import io.baton.link.TypedMessages;
import io.baton.link.core.Failure;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.LinkEvents;
import io.baton.link.core.MessageKind;
import io.baton.link.stream.IncomingStream;
import io.baton.link.stream.OutgoingStream;
import io.baton.link.stream.SessionStreams;
import io.baton.link.types.MalformedException;
import io.baton.link.types.Output;
import io.baton.link.types.SchemaException;
import io.baton.link.types.UndecodableException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to one session of the server: the core, what is sent through it, and what it has
 * read, turned into callbacks. When a lost session is reopened, a new conversation takes the place
 * of the old one. Used with the session's lock held.
 *
 * @param <I> what is received
 * @param <O> what is sent
 */
final class Conversation<I, O> implements LinkEvents {
  /** The number under which this side's types are announced. */
  private static final int OWN_TYPES = 0;

  final LinkCore core;
  final LinkId id;
  private final SessionContext context;
  private final TypedMessages<I, O> messages;
  private final LinkSession<I, O> session;
  private final LinkHandler<I, O> handler;
  private final Output encoded;
  private final Map<Integer, TypeSet> types = new HashMap<>();
  private final SessionStreams streams;
  private final OwnAsks<I> asks;
  private final Map<Long, PeerQuestion<O>> questions = new HashMap<>();

  /** The message channels of this side that are open. */
  private final Set<Integer> ownChannels = new HashSet<>();

  /** The names of the other side's message channels that are open. */
  private final Map<Integer, String> peerChannels = new HashMap<>();

  private @Nullable Ending ending;
  private boolean over;

  /** When the server, which is about to stop, wants its clients back; -1 if it does not stop. */
  long comeBackMillis = -1;

  Conversation(
      LinkCore core,
      SessionContext context,
      TypedMessages<I, O> messages,
      LinkSession<I, O> session,
      LinkHandler<I, O> handler) {
    this.core = core;
    this.context = context;
    this.messages = messages;
    this.session = session;
    this.handler = handler;
    this.encoded = new Output(core.maxPayload());
    this.streams = new SessionStreams(this::withCore, this::transferred);
    this.asks = new OwnAsks<>(context, core, messages);
    ByteBuffer name = ByteBuffer.wrap(core.identity().id());
    this.id = new LinkId(name.getLong(), name.getLong());
    core.define(OWN_TYPES, ByteBuffer.wrap(messages.own().schema()));
  }

  // ---- what is sent ----

  /** Queues a message, unless there is no room. Returns whether it did. */
  boolean send(int channel, O message) {
    return core.writable(channel) && core.send(channel, OWN_TYPES, encode(message));
  }

  /** Queues a question, unless there is no room. Returns whether it did. */
  boolean ask(int channel, O question, CompletableFuture<I> answer) {
    long ask = core.writable(channel) ? core.ask(channel, OWN_TYPES, encode(question)) : -1;
    if (ask >= 0) {
      asks.add(channel, ask, answer);
    }
    return ask >= 0;
  }

  /** Returns why no question can be asked; null if one can. */
  @Nullable LinkException whyNotAsk() {
    if (core.canAsk()) {
      return whyNotBegin();
    }
    String text = "too many questions wait for an answer: " + core.ownAsks();
    return new LinkException(LinkCode.TOO_MANY.number(), text, null);
  }

  private @Nullable LinkException whyNotBegin() {
    return comeBackMillis < 0
        ? null
        : new LinkException(LinkCode.SHUTDOWN.number(), "the server is about to stop", null);
  }

  private ByteBuffer encode(O message) {
    encoded.clear();
    messages.write(message, encoded);
    return encoded.buffer();
  }

  /** Returns the number of this side's message channel of this name; -1 if 64 channels are open. */
  int openChannel(String name) {
    int channel = core.openMessages(name);
    if (channel > 0) {
      ownChannels.add(channel);
    }
    return channel;
  }

  boolean isOpen(int channel) {
    return channel == 0 || ownChannels.contains(channel);
  }

  void closeChannel(int channel) {
    ownChannels.remove(channel);
    core.streams().end(channel, LinkCode.DONE.number());
  }

  /** Begins to send a stream; one that cannot begin fails. */
  void send(OutgoingStream stream) {
    LinkException refusal = whyNotBegin();
    if (refusal != null) {
      stream.abandon(refusal);
    } else if (streams.send(core, stream)) {
      context.writer.wake();
    }
  }

  // ---- what happens to it ----

  /** Reads; returns how the session has ended by that, null if it has not. */
  @Nullable Ending read(ByteBuffer bytes) {
    core.read(bytes, this);
    streams.progress(core);
    context.writer.consumed();
    return ending;
  }

  /** Learns that the session goes on over another connection. */
  void resumed() {
    core.deliver(this);
    streams.progress(core);
  }

  /** Ends everything that has begun: the session is over. */
  void end(Ending why) {
    over = true;
    String text = why.text().isEmpty() ? "" : ": " + why.text();
    asks.failAll(new LinkException(why.code(), "the session has ended" + text, null));
    questions.values().forEach(PeerQuestion::cancel);
    questions.clear();
    streams.end(why);
  }

  private void withCore(Consumer<LinkCore> action) {
    context.lock.lock();
    try {
      if (!over) {
        action.accept(core);
        context.writer.wake();
      }
    } finally {
      context.lock.unlock();
    }
  }

  private void transferred(Transfer transfer) {
    context.callbacks.add(() -> handler.transferred(session, transfer));
  }

  // ---- what the core has read ----

  @Override
  public boolean message(
      int channel, MessageKind kind, long ask, int type, ByteBuffer payload, int size) {
    Runnable consumed = () -> core.consumed(channel, size);
    if (kind == MessageKind.MESSAGE) {
      context.callbacks.addMessage(received(channel, type, payload), consumed);
    } else if (kind == MessageKind.ASK) {
      context.callbacks.addMessage(asked(channel, ask, type, payload), consumed);
    } else {
      consumed.run(); // Somebody waits for it; if not, it is over.
      answered(kind, ask, type, payload);
    }
    return true;
  }

  private CallbackQueue.Callback received(int channel, int type, ByteBuffer payload) {
    TypeSet set = typeSet(type);
    ByteBuffer bytes = copy(payload);
    String name = peerChannels.getOrDefault(channel, "");
    return () -> {
      I message = read(set, bytes);
      if (message != null && channel == 0) {
        handler.received(session, message);
      } else if (message != null) {
        handler.received(session, name, message);
      }
    };
  }

  private CallbackQueue.Callback asked(int channel, long ask, int type, ByteBuffer payload) {
    TypeSet set = typeSet(type);
    ByteBuffer bytes = copy(payload);
    PeerQuestion<O> question =
        new PeerQuestion<>(
            context,
            core,
            channel,
            ask,
            answer -> core.reply(channel, ask, OWN_TYPES, encode(answer)),
            () -> questions.remove(ask));
    questions.put(ask, question);
    return () -> {
      I message = read(set, bytes);
      if (message == null) {
        question.fail(LinkCode.SCHEMA.number(), "the type of the question is unknown here");
      } else if (!question.isCancelled()) {
        handler.asked(session, message, question);
      }
    };
  }

  /** Reads a message; tells the handler if it cannot be represented, and returns null. */
  private @Nullable I read(TypeSet types, ByteBuffer bytes)
      throws MalformedException, SchemaException {
    try {
      return messages.read(types, bytes);
    } catch (UndecodableException e) {
      handler.undecodable(session, e.type());
      return null;
    }
  }

  private void answered(MessageKind kind, long ask, int type, ByteBuffer payload) {
    if (kind == MessageKind.CANCEL) {
      PeerQuestion<O> question = questions.remove(ask);
      if (question != null) {
        question.cancel();
      }
    } else if (kind == MessageKind.REPLY) {
      asks.replied(ask, typeSet(type), copy(payload));
    } else {
      asks.failed(ask, Failure.read(payload));
    }
  }

  private TypeSet typeSet(int type) {
    return Objects.requireNonNull(types.get(type), "the core checks that it is defined");
  }

  private static ByteBuffer copy(ByteBuffer from) {
    return ByteBuffer.allocate(from.remaining()).put(from).flip();
  }

  @Override
  public void defined(int type, ByteBuffer schema) {
    TypeSet set = new TypeSet(copy(schema).array());
    types.put(type, set);
    try {
      messages.check(set);
    } catch (SchemaException e) {
      String text = "the types of both sides do not fit: " + e.getMessage();
      core.abort(LinkCode.SCHEMA, text);
      closed(LinkCode.SCHEMA.number(), text);
    }
  }

  @Override
  public void closed(int code, String text) {
    if (ending == null) {
      ending = new Ending(code, text, false);
    }
  }

  @Override
  public void opened(int channel, String name, long length) {
    IncomingStream stream = streams.opened(channel, name, length);
    context.callbacks.addMessage(() -> handler.streamed(session, stream), () -> {});
  }

  @Override
  public void openedMessages(int channel, String name) {
    peerChannels.put(channel, name);
  }

  @Override
  public void readable(int channel) {
    streams.readable(core, channel);
  }

  @Override
  public void ended(int channel, int code) {
    if (peerChannels.remove(channel) == null) {
      streams.ended(core, channel, code);
    }
  }

  @Override
  public void stopped(int channel, int code) {
    streams.stopped(channel, code);
  }

  @Override
  public void delivered(int channel) {
    streams.delivered(channel);
  }

  @Override
  public void pinged(long t1) {
    long now = context.clock.nanos();
    core.pong(t1, now, now);
  }

  @Override
  public void ponged(long t1, long t2, long t3) {
    context.pings.ponged(t1, t2, t3);
  }

  @Override
  public void goingAway(LinkCode code, long afterMillis) {
    comeBackMillis = afterMillis;
    context.room.signalAll();
    context.callbacks.add(() -> handler.goingAway(session, Duration.ofMillis(afterMillis)));
  }
}
