package io.baton.worker.session;

import io.baton.codec.ClientIdentity;
import io.baton.codec.Flow;
import io.baton.codec.Meeting;
import io.baton.codec.Protocol;
import io.baton.codec.Saved;
import io.baton.config.Settings.Timeouts;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message.Handoff;
import io.baton.posix.Fd;
import io.baton.service.CloseReason;
import io.baton.service.SessionKey;
import io.baton.worker.channel.Meter;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.time.Clock;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A further connection of a session. What its codec hands out the session receives, in the window
 * of all its connections; it moves and ends with the session, and may end before. Event loop only.
 */
final class Companion
    implements PipelineTail.Events, ConnectionOutcome, WriteWatch.Connection, ReadWatch.Connection {

  /** Its session. */
  interface Owner extends OutboundWriter.Listener {
    WorkerContext context();

    Route<?, ?> route();

    ServiceSession<?, ?> service();

    SessionState state();

    SessionWindow window();

    /** Counts the bytes of all connections. */
    Meter meter();

    @Nullable SessionKey key();

    /** What is known of the client. */
    ClientIdentity clientIdentity();

    /** Where its further connections belong, made with the first of them. */
    Group group();

    /** Its codec hands out a message. */
    void received(Object message);

    /**
     * What one read brought has been decoded, as far as the window allowed.
     *
     * @param activity whether more than signs of life was in it
     */
    void readComplete(boolean activity);

    /** The codec or its client has failed. */
    void failed(Throwable cause);

    /** A client takes nothing of what it is sent. */
    void writeTimedOut();
  }

  /** The further connections of its session. */
  interface Group {
    /** A further connection is the session's. */
    void joined(Companion next);

    /** It is not any more, and ends by itself. */
    void left(Companion former);

    /** It is closed. */
    void closed(Companion former);

    /** One of them takes what it is sent, or does not any more. */
    void writabilityChanged();
  }

  private final Owner session;
  private final Group group;
  private final Handoff facts;
  private final Carrier carrier;
  private final SessionWindow.Share window;
  private final WriteWatch writes;
  private final ReadWatch reads;
  private final Flow flow;

  /** Its last word is written. */
  private boolean ending;

  private boolean over;

  /**
   * Installs the session's codec on the connection, which is one of the session's from now on.
   *
   * @param codec what the codec is installed with
   * @param unsent bytes that go out first
   */
  Companion(Owner session, Channel channel, Handoff facts, Saved codec, ByteBuffer unsent) {
    this.session = session;
    this.group = session.group();
    this.facts = facts;
    this.window = session.window().share(this::read);
    this.carrier = new Carrier(channel, session);
    Timeouts timeouts = session.route().options().session().timeouts();
    Clock clock = session.context().clock();
    this.writes = new WriteWatch(this, clock, TimeUnit.MILLISECONDS.toNanos(timeouts.writeMs()));
    this.reads = new ReadWatch(this, timeouts, clock);
    carrier.goesOnWith(codec.unread(), unsent);
    SessionCodecContext context =
        new SessionCodecContext(carrier.pipeline(), facts.peer(), window, codec, new Part());
    flow = install(context);
    context.installed();
    group.joined(this);
  }

  private Flow install(SessionCodecContext context) {
    try {
      return carrier.install(session.service().protocol().codec(), context, this);
    } catch (RuntimeException | LinkageError e) {
      window.ended();
      throw e;
    }
  }

  /** What another worker has left to be sent goes out before anything else. */
  void resendUnsent() {
    carrier.resendUnsent(session.meter());
    writes.flushed();
  }

  /** What could be sent is with the kernel. */
  void flushed() {
    writes.flushed();
  }

  void attached() {
    withFlow(Flow::attached);
  }

  /** The session goes on, and reads on what the connection has brought. */
  void goOn() {
    read(window.isRead());
    carrier.rereadUnread();
    watchReads();
  }

  // ---- what its carrier tells ----

  @Override
  public void active() {
    session.context().counters().connectionArrived(); // before the first one, which attaches all
  }

  @Override
  public void received(Object message) {
    reads.received();
    if (session.state().isOpen()) {
      session.received(message);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void readComplete() {
    session.readComplete(takesActivity());
    watchReads();
  }

  private void watchReads() {
    if (!ending && !over) {
      reads.read();
    }
  }

  private boolean takesActivity() {
    try {
      return flow.takeActivity();
    } catch (RuntimeException e) {
      session.failed(e);
      return false;
    }
  }

  @Override
  public Flow.Phase phase() {
    try {
      return flow.phase();
    } catch (RuntimeException e) {
      session.failed(e);
      return Flow.Phase.IDLE;
    }
  }

  @Override
  public boolean isRead() {
    return window.isRead();
  }

  /** The session goes on without a client that does not finish here what it has begun. */
  @Override
  public void readTimedOut() {
    end(CloseReason.TIMEOUT);
  }

  @Override
  public void writabilityChanged() {
    session.flushed(); // now, or before long, the client does not take what it is sent
    group.writabilityChanged();
  }

  @Override
  public void inputEnded() {
    end(CloseReason.CLIENT);
  }

  @Override
  public void protocolSwitched(Protocol<?, ?> next, ByteBuf unread) {
    unread.release();
    failed(new IllegalStateException("a companion switches to " + next.name()));
  }

  @Override
  public void failed(Throwable cause) {
    if (cause instanceof IOException) {
      carrier.close();
    } else {
      session.failed(cause);
    }
  }

  @Override
  public void closed() {
    if (over) {
      return;
    }
    over = true;
    writes.end();
    reads.end();
    group.left(this);
    withFlow(its -> its.ended(session.state().reasonOr(CloseReason.CLIENT)));
    window.ended();
    if (hasMoved()) {
      session.context().counters().connectionLeft();
    } else {
      session.context().counters().connectionClosed();
    }
    group.closed(this);
  }

  // ---- what its session tells ----

  void read(boolean on) {
    if (!ending) {
      carrier.read(on);
    }
  }

  void resume() {
    withFlow(Flow::resume);
    watchReads();
  }

  void flush() {
    carrier.flush();
  }

  void discard() {
    withFlow(Flow::discard);
  }

  /** Ends the connection with its protocol's last word: it goes nowhere any more. */
  void end(CloseReason why) {
    if (!ending) {
      ending = true;
      reads.end();
      group.left(this);
      withFlow(its -> its.goodbye(why));
      discard();
      carrier.closeInOrder(why == CloseReason.CLIENT);
    }
  }

  /** Writes the protocol's last word, as far as the kernel takes it at once. */
  void sayGoodbye(CloseReason why) {
    withFlow(its -> its.goodbye(why));
    carrier.flush();
  }

  /** Closes it without a word. */
  void close() {
    carrier.close();
  }

  /** As {@link ConnectionOutcome#abandon}; its channel was never registered. */
  @Override
  public void abandon() {
    withFlow(its -> its.ended(CloseReason.MOVED));
    window.ended();
    writes.end();
    reads.end();
    carrier.closeUnregistered();
  }

  /** The channel is closed already. */
  @Override
  public void unregistered() {
    closed();
  }

  private void withFlow(Consumer<Flow> call) {
    try {
      call.accept(flow);
    } catch (RuntimeException e) {
      session.failed(e);
    }
  }

  /** Returns whether less is pending than its high-water mark allows. */
  boolean isWritable() {
    return carrier.writer().isWritable();
  }

  long pending() {
    return carrier.writer().pending();
  }

  @Override
  public @Nullable ChannelOutboundBuffer unsentBuffer() {
    return over ? null : carrier.unsentBuffer();
  }

  @Override
  public boolean isFrozen() {
    return session.window().isFrozen();
  }

  @Override
  public void writeTimedOut() {
    if (ending) {
      carrier.close(); // it does not even take the last word
    } else {
      session.writeTimedOut();
    }
  }

  // ---- its way to another worker ----

  /** Returns what the manager is to know of it. */
  HandoffKind.Companion inHandoff() {
    return new HandoffKind.Companion(facts.id(), facts.peer(), facts.via());
  }

  @Nullable String whyItStays() {
    return carrier.whyItStays();
  }

  void takeCoverBack() {
    carrier.takeCoverBack();
  }

  /** As {@link Flow#save}. */
  Optional<Saved> saveCodec() {
    return flow.save();
  }

  /** Returns all that the next worker needs of it; empty if it cannot move now. */
  Optional<SavedSession> save() {
    Optional<ByteBuffer> cover = carrier.giveCover();
    Optional<Saved> codec = cover.isPresent() ? saveCodec() : Optional.empty();
    Optional<ByteBuffer> unsent = codec.isPresent() ? carrier.flushed() : Optional.empty();
    return unsent.map(bytes ->
        SavedSession.companion(
            session.service().protocol().name(), codec.orElseThrow(), bytes, cover.orElseThrow()));
  }

  <T> T lend(Function<List<Fd>, T> use) {
    return carrier.lend(use);
  }

  // ---- what became of it ----

  @Override
  public void watch(CountedConnection place) {
    // It counts until it is closed.
  }

  @Override
  public boolean goesOnWithout() {
    return false;
  }

  @Override
  public boolean hasMoved() {
    return !ending && session.state().isOver() && session.state().reason() == CloseReason.MOVED;
  }

  @Override
  public boolean brokeProtocol() {
    return false; // its session's first connection counts as that
  }

  @Override
  public void turnAway() {
    // It is not beyond a limit.
  }

  /** What its codec may ask: it is no session's beginning. */
  private final class Part implements SessionCodecContext.Meetings {
    @Override
    public ClientIdentity identity() {
      return session.clientIdentity();
    }

    @Override
    public @Nullable SessionKey key() {
      return session.key();
    }

    @Override
    public Duration awaitsReturn() {
      return Duration.ZERO;
    }

    @Override
    public SessionKey claim() {
      throw isCompanion();
    }

    @Override
    public SessionKey claimShort() {
      throw isCompanion();
    }

    @Override
    public Meeting meet(SessionKey wanted, Saved codec, ByteBuffer proof) {
      throw isCompanion();
    }

    @Override
    public Optional<Flow> met() {
      return Optional.empty();
    }

    @Override
    public void replace(Saved codec, OptionalLong last) {
      throw isCompanion();
    }

    @Override
    public void accompany(Saved codec) {
      throw isCompanion();
    }

    private static IllegalStateException isCompanion() {
      return new IllegalStateException("this connection is a companion in a session already");
    }

    @Override
    public Optional<Flow> accompanies() {
      return Optional.of(session.service().flow());
    }

    @Override
    public boolean loses() {
      return false;
    }

    @Override
    public boolean isAway() {
      return false;
    }

    @Override
    public long awayMs() {
      return -1;
    }
  }
}
