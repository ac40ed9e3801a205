package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Codec;
import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.config.Settings;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.HandoffKind.State;
import io.baton.pipe.Load;
import io.baton.pipe.Message.Handoff;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import io.baton.worker.lane.Lane;
import io.baton.worker.lane.LoopLane;
import io.baton.worker.load.ChannelMeter;
import io.baton.worker.load.Latencies;
import io.baton.worker.load.WorkerCounters;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.memory.MemoryLimits;
import io.baton.worker.metrics.ListenerMetrics;
import io.baton.worker.migration.OutgoingMigration;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.tls.TlsConnections;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One session of the real runtime on an embedded channel: its client's bytes in, its bytes out, no
 * socket, and time that stands still unless it is told. It may move to other workers, each with a
 * channel and an event loop of its own. Tests of codecs, lanes and the runtime itself have it in
 * common.
 */
public final class SessionHarness<I, O> implements AutoCloseable {
  public static final int HIGH_WATER = 1024;

  /** More than any test needs, in bytes. */
  public static final long BUDGET = 1L << 30;

  static final Handoff HANDOFF = new Handoff(7, 0, new Peer.Unix(1, 2), HandoffKind.FRESH);

  /** The service, unless the route came with another one. */
  public final Probe<I, O> probe = new Probe<>();

  /** The client's connection, in the worker that has the session now. */
  public EmbeddedChannel channel;

  /** Of the worker that has the session now. */
  public WorkerCounters counters = new WorkerCounters();

  private final Route<?, ?> route;
  private final @Nullable Lane lane;
  private @Nullable FullLane loopLane;
  private boolean busy;
  private @Nullable WorkerContext context;
  private @Nullable Flow flow;

  /** Under which its client finds the session that was given last. */
  private @Nullable SessionKey key;

  /** What came out of the workers that had the session before. */
  private final StringBuilder earlier = new StringBuilder();

  public SessionHarness(Codec<I, O> codec) {
    this(codec, TestRoutes.OPTIONS);
  }

  public SessionHarness(Codec<I, O> codec, Settings.ListenerOptions options) {
    this(codec, options, (Lane) null);
  }

  /**
   * @param lane where the callbacks run; null: on the event loop
   */
  public SessionHarness(Codec<I, O> codec, Settings.ListenerOptions options, @Nullable Lane lane) {
    this.route = new Route<>("test", new Protocol<>("", codec, () -> probe), List.of(), options);
    this.lane = lane;
    this.channel = channel(this::begin);
  }

  /**
   * @param own what routes have instead of these options
   */
  public SessionHarness(
      Codec<I, O> codec, Settings.ListenerOptions options, Map<String, Settings.RouteOptions> own) {
    this.route =
        new Route<>(
            "test",
            new Protocol<>("", codec, () -> probe),
            List.of(),
            options,
            own,
            new ListenerMetrics(List.of(), null));
    this.lane = null;
    this.channel = channel(this::begin);
  }

  /** A session with the route's own services, on the event loop. */
  public SessionHarness(Route<I, O> route) {
    this(route, null);
  }

  /**
   * A session with the route's own services.
   *
   * @param lane where the callbacks run, in every worker; null: on the event loop
   */
  public SessionHarness(Route<I, O> route, @Nullable Lane lane) {
    this.route = route;
    this.lane = lane;
    this.channel = channel(this::begin);
  }

  // ---- its workers ----

  /** Not registered yet; {@code equip} puts a session onto it when it is. */
  static EmbeddedChannel channel(Consumer<EmbeddedChannel> equip) {
    return new EmbeddedChannel(
        DefaultChannelId.newInstance(),
        false,
        false,
        new ChannelInitializer<EmbeddedChannel>() {
          @Override
          protected void initChannel(EmbeddedChannel fresh) {
            equip.accept(fresh);
          }
        });
  }

  private void begin(EmbeddedChannel fresh) {
    new SessionFactory(worker(fresh), TlsConnections.none())
        .open(fresh, watched(route), HANDOFF)
        .watch(new Uncounted());
  }

  /** A connection that no manager counts. */
  private static final class Uncounted implements CountedConnection {
    @Override
    public void lost() {}

    @Override
    public void admitted() {}

    @Override
    public void ended() {}

    @Override
    public void operationComplete(ChannelFuture closed) {}
  }

  /** Makes the worker for this connection. */
  private WorkerContext worker(EmbeddedChannel fresh) {
    fresh.freezeTime();
    EventLoop loop = OwnedLoop.of(fresh.eventLoop());
    Lane runsIn = lane;
    if (runsIn == null) {
      FullLane own = new FullLane(loop, busy);
      loopLane = own;
      runsIn = own;
    }
    counters = new WorkerCounters();
    WorkerContext made = context(loop, counters, new ByteBudget(BUDGET), runsIn);
    context = made;
    return made;
  }

  /** A worker's, with the lane {@code loop}. */
  static WorkerContext context(EventLoop loop, WorkerCounters counters) {
    return context(loop, counters, new ByteBudget(BUDGET));
  }

  /** As {@link #context(EventLoop, WorkerCounters)}, with a budget that may be small. */
  static WorkerContext context(EventLoop loop, WorkerCounters counters, ByteBudget budget) {
    return context(loop, counters, budget, new LoopLane(loop));
  }

  /** A worker's, with this lane under the name {@code loop}. */
  static WorkerContext context(EventLoop loop, WorkerCounters counters, Lane lane) {
    return context(loop, counters, new ByteBudget(BUDGET), lane);
  }

  /**
   * As {@link #context(EventLoop, WorkerCounters, ByteBudget)}, with this lane under the name
   * {@code loop}.
   */
  static WorkerContext context(
      EventLoop loop, WorkerCounters counters, ByteBudget budget, Lane lane) {
    return new WorkerContext(
        loop,
        counters,
        new Latencies(),
        Map.of(Settings.LaneKind.LOOP, lane),
        5_000,
        SessionKeys.alone(),
        new ChannelMeter(counters, budget),
        MemoryLimits.of(budget),
        _ -> {},
        task -> task);
  }

  private <M, N> Route<M, N> watched(Route<M, N> from) {
    Protocol<M, N> first = from.protocol();
    Codec<M, N> codec = new WatchedCodec<>(first.codec(), installed -> flow = installed);
    return new Route<>(
        from.listener(),
        new Protocol<>(first.name(), codec, first.service()),
        from.upgrades(),
        from.options(),
        from.own(),
        from.metrics());
  }

  /** Connects the client. */
  public SessionHarness<I, O> open() {
    register();
    return this;
  }

  private void register() {
    try {
      channel.register();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  public WorkerContext context() {
    if (context == null) {
      throw new AssertionError("not opened");
    }
    return context;
  }

  /** The memory of the worker that has the session now. */
  public ByteBudget budget() {
    return context().memory().budget();
  }

  /** The part that the codec of the route's first protocol has in the session. */
  public Flow flow() {
    return Objects.requireNonNull(flow, "not opened");
  }

  // ---- from one to the next ----

  /**
   * The session goes to another worker.
   *
   * @return false if it cannot move now: it goes on where it is
   */
  public boolean move() {
    return move(route);
  }

  /**
   * The session goes to another worker, which may have its route in another form.
   *
   * @return false if it cannot move now: it goes on where it is
   */
  public boolean move(Route<?, ?> there) {
    Optional<ByteBuffer> saved = give();
    saved.ifPresent(bytes -> {
      earlier.append(out(channel));
      arrive(there, bytes);
    });
    return saved.isPresent();
  }

  /**
   * Takes the session from its worker, in the bytes that another one would be given.
   *
   * @return empty if it cannot move now: it goes on where it is
   */
  public Optional<ByteBuffer> give() {
    List<ManagedSession> sessions = context().sessions().all();
    if (sessions.isEmpty() || !sessions.getFirst().mayMove()) {
      return Optional.empty();
    }
    Departure departure = new Departure();
    OutgoingMigration migration = sessions.getFirst().freeze(departure);
    migration.begin();
    settle();
    migration.giveUp(); // if it has not gone
    settle();
    key = departure.key;
    return Optional.ofNullable(departure.bytes);
  }

  private static final class Departure implements OutgoingMigration.Owner {
    private @Nullable ByteBuffer bytes;
    private @Nullable SessionKey key;

    @Override
    public void saved(OutgoingMigration migration) {
      assertThat(migration.seal()).isTrue();
      State none = new State.Inline(ByteBuffer.allocate(0));
      HandoffKind kind =
          migration.handoff(new HandoffKind.Saved("", none, false, null, false, List.of())).kind();
      key = ((HandoffKind.Saved) kind).key();
      bytes = migration.state().orElseThrow().encode(SavedSession.READ);
      migration.moved();
    }

    @Override
    public void unsaved(OutgoingMigration migration, String reason) {
      throw new AssertionError(reason);
    }

    @Override
    public void over(OutgoingMigration migration) {
      // It is where it was.
    }
  }

  /**
   * Connects a client whose session was {@linkplain #give given} by another worker.
   *
   * @throws IllegalArgumentException if the codec cannot go on with it
   */
  public SessionHarness<I, O> resume(ByteBuffer saved) {
    arrive(route, saved);
    return this;
  }

  private void arrive(Route<?, ?> there, ByteBuffer saved) {
    Arrival arrival = new Arrival(watched(there), SavedSession.decode(saved));
    channel = channel(arrival::equip);
    register();
    arrival.check();
  }

  /** A session on its way in, and what became of it. */
  private final class Arrival {
    private final Route<?, ?> there;
    private final SavedSession saved;
    private @Nullable IllegalArgumentException refused;
    private boolean decided;
    private @Nullable String failure;

    Arrival(Route<?, ?> there, SavedSession saved) {
      this.there = there;
      this.saved = saved;
    }

    /** The channel becomes active behind this, and the service has to have resumed by then. */
    void equip(EmbeddedChannel fresh) {
      try {
        new SessionFactory(worker(fresh), TlsConnections.none())
            .resume(fresh, there, HANDOFF, saved, List.of(), false, key, this::resumed)
            .watch(new Uncounted());
        runLane();
      } catch (IllegalArgumentException e) {
        refused = e; // Netty would only log it
      }
    }

    private void resumed(@Nullable String reason) {
      decided = true;
      failure = reason;
    }

    void check() {
      if (refused != null) {
        throw refused;
      }
      assertThat(decided).as("the service has resumed, or cannot").isTrue();
      assertThat(failure).as("why the service cannot go on with it").isNull();
    }
  }

  // ---- the client ----

  /** The client sends, all in one read. */
  public void client(String text) {
    client(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** As {@link #client(String)}. */
  public void client(byte[] bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
  }

  /** The client ends its side. */
  public void clientEnds() {
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    channel.runPendingTasks();
  }

  /** The connection is closed, whoever did it. */
  public void drop() {
    channel.close().syncUninterruptibly();
  }

  /** The connection breaks, as with a reset. */
  public void breaks() {
    channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
    channel.runPendingTasks();
  }

  /** The client takes what it is sent, or does not. */
  public void writable(boolean is) {
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, is);
    channel.runPendingTasks();
  }

  /** What has come out since the last call. */
  public String out() {
    String all = earlier + out(channel);
    earlier.setLength(0);
    return all;
  }

  static String out(EmbeddedChannel channel) {
    StringBuilder all = new StringBuilder();
    for (@Nullable ByteBuf piece = channel.readOutbound();
        piece != null;
        piece = channel.readOutbound()) {
      all.append(piece.toString(StandardCharsets.ISO_8859_1));
      piece.release();
    }
    return all.toString();
  }

  /** Whether the client may send on. */
  public boolean isRead() {
    return channel.config().isAutoRead();
  }

  // ---- what happens around it ----

  /** Time passes, and what is due is done. */
  public void pass(Duration time) {
    channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
    channel.runPendingTasks();
  }

  /**
   * The lane has no room for more messages, or has again. For a session on the event loop; where it
   * goes the lane has as much room.
   */
  public void busy(boolean is) {
    if (lane != null) {
      throw new IllegalStateException("the lane is the test's own");
    }
    busy = is;
    if (loopLane != null) {
      loopLane.full(is);
    }
    channel.runPendingTasks();
  }

  /** The worker drains. */
  public void drain() {
    context().sessions().all().forEach(ManagedSession::goodbye);
    channel.runPendingTasks();
  }

  /** The time of the worker's drain is over. */
  public void endDrain() {
    context().sessions().all().forEach(ManagedSession::abort);
    channel.runPendingTasks();
  }

  /** Runs lane and loop until neither has anything to do. */
  public void settle() {
    do {
      channel.runPendingTasks();
    } while (runLane());
  }

  /** Whether the lane had anything to do. */
  private boolean runLane() {
    boolean any = false;
    while (lane instanceof StepLane steps && steps.step()) {
      any = true;
    }
    return any;
  }

  public Load.Counters counters() {
    return counters.counters();
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
  }
}
