package io.baton.link.testkit;

import io.baton.link.Ending;
import io.baton.link.LinkChannel;
import io.baton.link.LinkClock;
import io.baton.link.LinkHandler;
import io.baton.link.LinkId;
import io.baton.link.LinkSession;
import io.baton.link.Outgoing;
import io.baton.link.TypeSet;
import io.baton.link.TypedMessages;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.LinkEvents;
import io.baton.link.core.MessageKind;
import io.baton.link.types.MalformedException;
import io.baton.link.types.Output;
import io.baton.link.types.SchemaException;
import io.baton.service.Peer;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One side of a {@link TestLink}: a handler, its session and the session's core. Callbacks wait in
 * a queue until {@link #run}, so that they never run inside each other.
 */
final class TestSide<I, O> implements LinkSession<I, O> {
  private static final int OWN_TYPES = 0;
  private static final Peer PEER = new Peer.Unix(0, -1);

  private final String name;
  private final TypedMessages<I, O> messages;
  private final LinkHandler<I, O> handler;
  private final LinkCore core;

  /** Moves bytes and runs callbacks of both sides; false if there was nothing to do. */
  private final BooleanSupplier turn;

  private final Map<Integer, TypeSet> types = new HashMap<>();
  private final Deque<Callback> callbacks = new ArrayDeque<>();
  private final List<I> received = new ArrayList<>();
  private final LinkEvents events = new Events();
  private boolean isBusy;
  private boolean hasMoved;
  private @Nullable Ending closing;
  private @Nullable Ending ended;
  private @Nullable RuntimeException thrown;

  private interface Callback {
    void run() throws MalformedException, SchemaException;
  }

  TestSide(
      String name,
      TypedMessages<I, O> messages,
      LinkHandler<I, O> handler,
      LinkCore core,
      BooleanSupplier turn) {
    this.name = name;
    this.messages = messages;
    this.handler = handler;
    this.core = core;
    this.turn = turn;
    core.forEachPeerDefinition(events::defined);
    if (!core.defines(OWN_TYPES)) {
      core.define(OWN_TYPES, ByteBuffer.wrap(messages.own().schema()));
    }
  }

  // ---- what a TestLink does with it ----

  void open() {
    callbacks.add(() -> {
      if (!handler.opened(this)) {
        close(LinkCode.DENIED_BY_SERVICE.number(), "not accepted");
      }
    });
  }

  void resume(byte[] saved) {
    callbacks.add(() -> handler.resumed(this, saved));
  }

  /** Saves the handler's state; the session goes on as another object. */
  byte[] leave() {
    byte[] saved = handler.save(this);
    hasMoved = true;
    return saved;
  }

  void lose() {
    core.lost();
    if (ended == null) {
      callbacks.add(() -> handler.away(this));
    }
  }

  void back() {
    callbacks.add(() -> handler.back(this));
  }

  void read(ByteBuffer bytes) {
    core.read(bytes, events);
  }

  void end(Ending why) {
    if (ended == null) {
      ended = why;
      callbacks.add(() -> handler.closed(this, why));
    }
  }

  /** Runs what waits, unless a callback of this side is running. Returns whether it did. */
  boolean run() {
    if (isBusy || callbacks.isEmpty()) {
      return false;
    }
    isBusy = true;
    try {
      callbacks.remove().run();
    } catch (MalformedException e) {
      close(LinkCode.PROTOCOL.number(), "a message could not be read: " + e.getMessage());
    } catch (SchemaException e) {
      close(LinkCode.SCHEMA.number(), "a message could not be read: " + e.getMessage());
    } catch (RuntimeException e) {
      thrown = thrown == null ? e : thrown;
      close(LinkCode.ERROR.number(), "an error in the other side's handler");
    } finally {
      isBusy = false;
    }
    return true;
  }

  /** Throws what a callback has thrown, once. */
  void rethrow() {
    RuntimeException e = thrown;
    if (e != null) {
      thrown = null;
      throw e;
    }
  }

  LinkCore core() {
    return core;
  }

  @Nullable Ending ending() {
    return ended;
  }

  List<I> takeReceived() {
    List<I> taken = List.copyOf(received);
    received.clear();
    return taken;
  }

  // ---- LinkSession ----

  @Override
  public boolean send(O message) {
    if (state() == State.CLOSED) {
      return false;
    }
    while (!core.writable()) {
      if (!turn.getAsBoolean()) {
        throw new IllegalStateException(
            "send would wait: the other side has not consumed %d bytes that the %s has sent%s"
                .formatted(core.queued(), name, core.attached() ? "" : ", and it is away"));
      }
    }
    Output to = new Output(core.maxPayload());
    messages.write(message, to);
    return core.send(OWN_TYPES, to.buffer());
  }

  @Override
  public boolean writable() {
    return state() != State.CLOSED && core.writable();
  }

  @Override
  public Peer peer() {
    return PEER;
  }

  @Override
  public LinkId id() {
    ByteBuffer id = ByteBuffer.wrap(core.identity().id());
    return new LinkId(id.getLong(), id.getLong());
  }

  @Override
  public State state() {
    if (ended != null || closing != null || hasMoved) {
      return State.CLOSED;
    }
    return core.attached() ? State.OPEN : State.AWAY;
  }

  @Override
  public void close(int code, String text) {
    if (state() != State.CLOSED) {
      closing = new Ending(code, text, false);
      core.close(code, text);
    }
  }

  /** What the core has read. */
  private final class Events implements LinkEvents {
    @Override
    public boolean message(
        int channel, MessageKind kind, long ask, int type, ByteBuffer payload, int size) {
      byte[] copy = new byte[payload.remaining()];
      payload.get(copy);
      TypeSet set = Objects.requireNonNull(types.get(type));
      callbacks.add(() -> {
        if (closing == null) {
          messages.deliver(recording(), TestSide.this, set, ByteBuffer.wrap(copy));
        }
        core.consumed(size);
      });
      return true;
    }

    @Override
    public void defined(int type, ByteBuffer schema) {
      byte[] bytes = new byte[schema.remaining()];
      schema.get(bytes);
      types.put(type, new TypeSet(bytes));
    }

    @Override
    public void closed(int code, String text) {
      end(closing == null ? new Ending(code, text, false) : closing);
    }
  }

  /** Writes messages down before the handler gets them. */
  private LinkHandler<I, O> recording() {
    return new LinkHandler<>() {
      @Override
      public void received(LinkSession<I, O> session, I message) {
        received.add(message);
        handler.received(session, message);
      }

      @Override
      public void undecodable(LinkSession<I, O> session, String type) {
        handler.undecodable(session, type);
      }
    };
  }

  @Override
  public CompletableFuture<I> ask(O question, Duration timeout) {
    throw new UnsupportedOperationException();
  }

  @Override
  public LinkChannel<I, O> channel(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Outgoing stream(String name, Path file) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Outgoing stream(String name, InputStream bytes, OptionalLong length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public OutputStream stream(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public LinkClock clock() {
    throw new UnsupportedOperationException();
  }
}
