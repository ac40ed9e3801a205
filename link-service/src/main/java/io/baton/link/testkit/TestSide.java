package io.baton.link.testkit;

import io.baton.link.Ending;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.TypedMessages;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.service.HandlerService;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.link.service.SessionDriver;
import io.baton.link.service.TopicCallbacks;
import io.baton.link.service.TopicMessages;
import io.baton.service.Cancellable;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Peer;
import io.baton.service.Principal;
import io.baton.service.Session;
import io.baton.service.SessionId;
import io.baton.service.SessionKey;
import io.baton.service.Subscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One side of a {@link TestLink}: a handler, its session and the session's core. Callbacks wait in
 * a queue until {@link #run}, so that they never run inside each other. What other threads do,
 * which write and read files, waits there, too.
 */
final class TestSide<I, O> implements Session<LinkOutput>, SessionDriver.Owner {
  private static final Peer PEER = new Peer.Unix(0, -1);

  private final String name;
  private final TestTime time;
  private final List<I> received = new ArrayList<>();
  private final HandlerService<I, O> service;
  private final SessionDriver driver;

  /** Moves bytes and runs callbacks of both sides; false if there was nothing to do. */
  private final BooleanSupplier turn;

  private final Thread thread = Thread.currentThread();
  private final Deque<Runnable> callbacks = new ArrayDeque<>();
  private boolean isBusy;
  private boolean hasMoved;
  private boolean failed;
  private @Nullable Ending closing;
  private @Nullable Ending ended;
  private @Nullable RuntimeException thrown;

  /** By which the service subscribes; null for the client. */
  private final @Nullable Session<LinkOutput> member;

  /**
   * @param published reads publications
   * @param member the session by which the service subscribes; null for the client
   * @param made makes the driver of this side
   */
  TestSide(
      String name,
      TypedMessages<I, O> messages,
      TopicMessages<O> published,
      LinkHandler<I, O> handler,
      @Nullable Session<LinkOutput> member,
      TestTime time,
      Function<SessionDriver.Owner, SessionDriver> made,
      BooleanSupplier turn) {
    this.name = name;
    this.time = time;
    this.turn = turn;
    this.member = member;
    this.service =
        new HandlerService<>(
            messages,
            new RecordingHandler<>(handler, received),
            TopicCallbacks.of(handler, published));
    this.driver = made.apply(this);
  }

  // ---- what a TestLink does with it ----

  void open() {
    execute(() -> service.opened(this));
  }

  void resume(byte[] saved) {
    execute(() -> {
      service.resumed(this, saved);
      driver.resume();
    });
  }

  /** Saves the handler's state and then the driver's; the session goes on as another object. */
  byte[] leave() {
    if (!driver.canMove()) {
      throw new IllegalStateException(
          "the session cannot move: the client waits for an answer, or a stream is bound to an"
              + " object of the service");
    }
    return service.save(this);
  }

  byte[] state() {
    byte[] state = driver.save();
    hasMoved = true;
    driver.end(CloseReason.MOVED);
    service.closed(this, CloseReason.MOVED);
    return state;
  }

  void lose() {
    driver.lost();
    if (ended == null) {
      execute(() -> service.away(this));
    }
  }

  void back() {
    execute(() -> service.back(this, OptionalLong.empty()));
  }

  void drain() {
    execute(() -> service.draining(this));
  }

  /** Sends what was relayed to the session. */
  void relay(LinkOutput output) {
    write(output);
  }

  /** Calls the service as a subscriber. */
  void tell(Consumer<Subscriber<LinkOutput>> callback) {
    execute(() -> callback.accept(service));
  }

  void read(ByteBuffer bytes) {
    driver.read(bytes);
  }

  void end(Ending why) {
    if (ended == null) {
      ended = why;
      driver.end(why);
      execute(() -> service.end(why));
    }
  }

  /** Runs what waits, unless a callback of this side is running. Returns whether it did. */
  boolean run() {
    Runnable next = isBusy ? null : next();
    if (next == null) {
      return false;
    }
    isBusy = true;
    try {
      next.run();
    } catch (RuntimeException e) {
      thrown = thrown == null ? e : thrown;
      failed = true;
      service.linkSession().close(LinkCode.ERROR.number(), "an error in the other side's handler");
    } finally {
      isBusy = false;
    }
    return true;
  }

  private @Nullable Runnable next() {
    synchronized (callbacks) {
      return callbacks.poll();
    }
  }

  /** Waits until another thread has something to do here; at most so long. */
  void awaitWork(Duration longest) throws InterruptedException {
    synchronized (callbacks) {
      if (callbacks.isEmpty()) {
        callbacks.wait(longest.toMillis());
      }
    }
  }

  /** Throws what a callback has thrown, once. */
  void rethrow() {
    RuntimeException e = thrown;
    if (e != null) {
      thrown = null;
      throw e;
    }
  }

  SessionDriver driver() {
    return driver;
  }

  LinkCore core() {
    return driver.core();
  }

  @Nullable Ending ending() {
    return ended;
  }

  List<I> takeReceived() {
    List<I> taken = List.copyOf(received);
    received.clear();
    return taken;
  }

  LinkSession<I, O> session() {
    return service.linkSession();
  }

  // ---- the driver's surroundings ----

  @Override
  public boolean accepts() {
    return true;
  }

  @Override
  public void handOut(LinkInput input) {
    if (input instanceof LinkInput.Goodbye(int code, String text)) {
      Ending own = closing;
      ended = own == null ? new Ending(code, text, false) : own;
    }
    execute(() -> {
      if (!failed || input instanceof LinkInput.Goodbye) {
        service.received(this, input);
      }
      driver.processed();
    });
  }

  @Override
  public void over(int code) {
    execute(() -> service.closed(this, CloseReason.CLIENT));
  }

  @Override
  public void changed() {
    // A turn looks by itself.
  }

  @Override
  public void execute(Runnable task) {
    synchronized (callbacks) {
      callbacks.add(task);
      callbacks.notifyAll();
    }
  }

  @Override
  public boolean isCurrent() {
    return Thread.currentThread().equals(thread);
  }

  // ---- the session, as the handler's service has it ----

  @Override
  public boolean send(LinkOutput output) {
    if (ended != null || hasMoved) {
      return false;
    }
    if (!isCurrent()) {
      execute(() -> write(output));
      return true;
    }
    if (output instanceof LinkOutput.Message(var channel, var types, var bytes)
        && channel.isEmpty()) {
      awaitRoom();
    }
    write(output);
    return true;
  }

  private void write(LinkOutput output) {
    if (ended != null || hasMoved) {
      return;
    }
    if (output instanceof LinkOutput.Goodbye(int code, String text)) {
      closing = new Ending(code, text, false);
    }
    driver.write(output);
  }

  private void awaitRoom() {
    while (!core().writable() && !core().isClosing()) {
      if (!turn.getAsBoolean()) {
        throw new IllegalStateException(
            "send would wait: the other side has not consumed %d bytes that the %s has sent%s"
                .formatted(core().queued(), name, core().attached() ? "" : ", and it is away"));
      }
    }
  }

  @Override
  public boolean writable() {
    return ended == null && !hasMoved && core().writable();
  }

  @Override
  public int maxMessage() {
    return core().maxPayload();
  }

  @Override
  public Peer peer() {
    return PEER;
  }

  @Override
  public SessionId id() {
    return member == null ? new SessionId(1) : member.id();
  }

  @Override
  public Optional<Principal> principal() {
    return member == null ? Optional.empty() : member.principal();
  }

  @Override
  public void subscribe(String topic) {
    member().subscribe(topic);
  }

  @Override
  public void subscribe(String topic, String about) {
    member().subscribe(topic, about);
  }

  @Override
  public void unsubscribe(String topic) {
    member().unsubscribe(topic);
  }

  @Override
  public void addressable() {
    member().addressable();
  }

  private Session<LinkOutput> member() {
    if (member == null) {
      throw new UnsupportedOperationException("a client's session has no topics");
    }
    return member;
  }

  @Override
  public Optional<SessionKey> key() {
    ByteBuffer id = ByteBuffer.wrap(core().identity().id());
    return Optional.of(new SessionKey(id.getLong(), id.getLong()));
  }

  @Override
  public Hold hold() {
    throw new UnsupportedOperationException("a handler holds nothing");
  }

  @Override
  public Cancellable after(Duration delay, Runnable task) {
    return time.after(
        delay,
        () -> {
          if (ended == null && !hasMoved) {
            execute(task);
          }
        });
  }

  @Override
  public void close(CloseReason why) {
    throw new UnsupportedOperationException("a handler closes its session in Link's words");
  }
}
