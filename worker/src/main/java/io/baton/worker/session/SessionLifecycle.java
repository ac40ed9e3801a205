package io.baton.worker.session;

import io.baton.codec.ClientIdentity;
import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.codec.Saved;
import io.baton.config.Settings.LaneKind;
import io.baton.config.Settings.Timeouts;
import io.baton.pipe.Message.Handoff;
import io.baton.service.CloseReason;
import io.baton.service.Peer;
import io.baton.service.SessionId;
import io.baton.service.SessionKey;
import io.baton.worker.accesslog.AccessEntry;
import io.baton.worker.accesslog.LogsRequests;
import io.baton.worker.accesslog.SessionAccount;
import io.baton.worker.channel.Meter;
import io.baton.worker.delivery.WorkerTopics;
import io.baton.worker.failure.FailureReason;
import io.baton.worker.identity.Identity;
import io.baton.worker.lane.Strand;
import io.baton.worker.lane.SwitchingStrand;
import io.baton.worker.migration.MigrationGate;
import io.baton.worker.session.ConnectionTimeouts.Turn;
import io.baton.worker.session.SessionState.Stage;
import io.baton.worker.time.Clock;
import io.baton.worker.topics.SessionFacts;
import io.baton.worker.topics.TopicPositions;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one session, what passes between them, and the rules by which the session goes on
 * and ends. It has at most one {@link Carrier}, and speaks one protocol at a time. Its stages are
 * those of {@link SessionState}.
 *
 * <p>Event loop only, except where a method of an interface says otherwise.
 */
final class SessionLifecycle
    implements OutboundWriter.Listener,
        SessionWindow.Owner,
        ConnectionTimeouts.Owner,
        SessionEnding.Subject,
        Companion.Owner,
        SessionTopics.Subject,
        ServiceSession.LoopSide {
  private final WorkerContext context;
  private final Route<?, ?> route;

  /** Of its present connection, or the last one that it had. */
  private Handoff facts;

  /** That of its first connection. */
  private long id;

  /** Under which its client finds it again; null if it cannot. Read by any thread. */
  private volatile @Nullable SessionKey key;

  private final PipelineTail.Events events;
  private final SessionCodecContext.Meetings meetings;
  private final Strand strand;
  private final SessionWindow window;
  private final ConnectionTimeouts timeouts;
  private final OutboundQueue queue;
  private @Nullable ServiceSession<?, ?> service;
  private @Nullable Carrier carrier;

  /** The carrier's writer, or what keeps messages until there is one. */
  private volatile SessionOutput output;

  /** Its further connections. Read by any thread. */
  private volatile Companions companions = Companions.NONE;

  /** That the client has shown. */
  private List<X509Certificate> certificates = List.of();

  /** What is known of the client; read by any thread. */
  private volatile Identity identity = Identity.NONE;

  /** For the access log; null if the session gets no line there. */
  private @Nullable SessionAccount account;

  /** Null until the session is first to move. */
  private @Nullable MigrationGate gate;

  /** Null until the session has to do with topics. */
  private @Nullable SessionTopics topics;

  /** The client has sent its last on this carrier. */
  private boolean inputEnded;

  private boolean draining;

  /** What the session has brought to its carrier is being written. */
  private boolean attaching;

  /** A message of the service is being encoded. */
  private boolean writing;

  /** What the service sends is thrown away. */
  private boolean muted;

  /** It went to another machine. */
  private boolean elsewhere;

  /** Messages that the service has sent. */
  private long written;

  /**
   * @param events of its carriers go there
   * @param meetings of its connections with other sessions
   */
  SessionLifecycle(
      WorkerContext context,
      Route<?, ?> route,
      Handoff facts,
      PipelineTail.Events events,
      SessionCodecContext.Meetings meetings) {
    this.context = context;
    this.route = route;
    this.facts = facts;
    this.id = facts.id();
    this.meetings = meetings;
    this.events = events;
    this.queue = new OutboundQueue(this);
    this.output = new KeptOutput(maxPendingBytes());
    this.window = new SessionWindow(this, context.memory(), route.options().session().window());
    this.timeouts =
        new ConnectionTimeouts(this, route.options().session().timeouts(), context.clock());
    this.strand = strand(route, context);
  }

  private Strand strand(Route<?, ?> of, WorkerContext in) {
    LaneKind usual = of.options().session().lane();
    return of.hasOneLane()
        ? in.lane(usual).strand(window::changed)
        : new SwitchingStrand(kind -> in.lane(kind).strand(window::changed), in.loop(), usual);
  }

  // ---- carriers and protocols ----

  /** Speaks a protocol from now on, in its first stage or, after an upgrade, in the second. */
  void speak(Protocol<?, ?> protocol, @Nullable Saved saved, Carrier on, Stage stage) {
    service = new ServiceSession<>(this, protocol, new SessionState(stage));
    if (strand instanceof SwitchingStrand its) {
      its.begin(saved == null ? route.lane(protocol.name()) : route.laneOfSaved(protocol.name()));
    }
    window.limit(protocol.codec().window(), route.own(protocol.name()).window());
    timeouts.clientSpeaks(protocol.codec().clientsTurn());
    if (account == null && !(protocol.codec() instanceof LogsRequests)) {
      account = SessionAccount.begin(context.accessLogs().of(route.listener()));
    }
    equip(on, saved);
  }

  /** Fits a carrier with the codec of the protocol that is spoken; it does not bear us yet. */
  void equip(Carrier next, @Nullable Saved saved) {
    carrier = next;
    boolean equipped = false;
    try {
      SessionCodecContext parts =
          new SessionCodecContext(next.pipeline(), facts.peer(), window, saved, meetings);
      service().flow(next.install(service().protocol().codec(), parts, events));
      parts.installed();
      equipped = true;
    } finally {
      carrier = equipped ? next : null;
    }
  }

  /**
   * The carrier bears the session from now on. What it brings along goes out and comes in first,
   * then what the service sent meanwhile, then its end, if the service wanted one. The service
   * hears of room behind all of that: what it sends then must not overtake anything.
   */
  void attach() {
    SessionOutput former = output;
    CloseReason waiting = state().reason();
    output = carrier().writer();
    state().attach();
    timeouts.begin();
    attaching = true;
    carrier().resendUnsent(meter());
    companions.forEach(Companion::resendUnsent);
    ending().withFlow(Flow::attached);
    companions.forEach(Companion::attached);
    if (former instanceof KeptOutput kept) {
      kept.moveTo(message -> !state().isOver() && write(message));
    }
    attaching = false;
    if (waiting != null) {
      ending().end(waiting);
    } else if (!state().isOver()) {
      goOn();
    }
  }

  private void goOn() {
    if (window.isHeldBack()) {
      read(false);
    }
    queue.tellRoom();
    carrier().rereadUnread();
    companions.forEach(Companion::goOn);
    if (awaitsQuiet()) {
      ending().settle();
    }
  }

  /** No carrier bears the session any more; what the service sends is kept. */
  Carrier detach() {
    Carrier former = carrier();
    former.writer().flush();
    if (!former.writer().isWritable()) {
      queue.refuse(); // that carrier tells nobody any more
    }
    output = new KeptOutput(maxPendingBytes());
    queue.wake();
    state().detach();
    timeouts.pause();
    former.strip();
    inputEnded = false; // the next carrier may bring input again
    carrier = null;
    return former;
  }

  /**
   * Another protocol from here on; its codec's handlers take the place of those that have left.
   *
   * @param opens whether its service begins at once
   */
  void become(Protocol<?, ?> next, ByteBuf unread, boolean opens) {
    ServiceSession<?, ?> former = service();
    var _ = former.end(CloseReason.UPGRADED);
    endTopics();
    strand.submit(() -> former.tellClosed(CloseReason.UPGRADED));
    carrier().removeTail();
    speak(next, null, carrier(), Stage.OPEN);
    timeouts.turnChanged();
    if (opens) {
      service().openOnce();
    }
    if (unread.isReadable()) {
      carrier().reread(unread);
    } else {
      unread.release();
    }
  }

  // ---- companions ----

  @Override
  public Companions companions() {
    return companions;
  }

  @Override
  public Companion.Group group() {
    if (companions.equals(Companions.NONE)) {
      companions = new Companions(this::companionWritabilityChanged);
    }
    return companions;
  }

  private void companionWritabilityChanged() {
    if (!state().isOver()) {
      writabilityChanged();
    }
  }

  @Override
  public ClientIdentity clientIdentity() {
    return meetings.identity();
  }

  @Override
  public void received(Object message) {
    carrier().writer().reading();
    long now = clock().nanos();
    timeouts.receivedElsewhere(now);
    receive(message, now);
  }

  @Override
  public void readComplete(boolean activity) {
    timeouts.readElsewhere(flushRead(), activity);
  }

  @Override
  public void failed(Throwable cause) {
    events.failed(cause);
  }

  // ---- messages: each is counted where it enters and where it leaves ----

  void receive(Object content) {
    long now = clock().nanos();
    timeouts.received(now);
    receive(content, now);
  }

  private void receive(Object content, long now) {
    InboundMessage message = new InboundMessage(service(), content, now);
    context.counters().messageReceived();
    route.metrics().messageIn();
    window.entered(message.bytes());
    if (account != null) {
      account.received(message.bytes());
    }
    if (strand instanceof SwitchingStrand its) {
      its.submit(route.lane(service().at()), message);
    } else {
      strand.submit(message);
    }
    window.handedOut();
    if (!message.isProcessed()) {
      context.counters().messageHeld();
    } else if (awaitsQuiet()) {
      ending().settle();
    }
  }

  /** Counts the bytes of this session's connections. */
  @Override
  public Meter meter() {
    return route.metrics().meter(context.meter());
  }

  @Override
  public void welcome(ServiceSession<?, ?> of) {
    if (of.equals(service()) && !state().isOver()) {
      ending().withFlow(Flow::welcome);
    }
  }

  @Override
  public void processed(InboundMessage message) {
    long now = clock().nanos();
    context.latencies().record(now - message.start());
    route.metrics().processed(service().protocol().name(), now - message.start());
    context.counters().messageProcessed();
    if (carrier != null) {
      ending().withFlow(Flow::processed);
    }
    window.left(message.bytes());
    if (companions.isEmpty()) {
      timeouts.processed(now);
    } else {
      timeouts.processedElsewhere(now);
    }
  }

  /** A client is back whose service sends everything again once it hears of that. */
  void mute() {
    muted = true;
  }

  @Override
  public void unmute() {
    muted = false;
  }

  @Override
  public boolean write(Object message) {
    if (muted) {
      ReferenceCountUtil.release(message);
      return true;
    }
    if (state().isDetached()) {
      written++;
      boolean kept = state().goesOn() && output.write(message);
      if (!kept) {
        ending().end(CloseReason.LIMIT);
      }
      return kept;
    }
    if (queue.isOverfull() || isOverfullWithCompanions()) {
      ending().overflow(service());
      return false;
    }
    written++;
    context.counters().messageSent();
    route.metrics().messageOut();
    if (account != null) {
      account.sent(MessageSize.of(message));
    }
    boolean nested = writing;
    writing = true;
    boolean written = output.write(message);
    writing = nested;
    timeouts.sent();
    return written;
  }

  private boolean isOverfullWithCompanions() {
    if (companions.isEmpty() || pending() <= maxPendingBytes()) {
      return false;
    }
    companions.forEach(Companion::flush);
    return pending() > maxPendingBytes();
  }

  /** Returns how many messages the service has sent. */
  long written() {
    return written;
  }

  /** It goes on at another machine. */
  void goesElsewhere() {
    elsewhere = true;
  }

  /** Whether it goes on at another machine. */
  boolean isElsewhere() {
    return elsewhere;
  }

  boolean isWriting() {
    return writing;
  }

  @Override
  public boolean isWritable() {
    return companions.isWritable() && output.isWritable();
  }

  /** A connection's output has crossed the high-water mark upwards, or the low one downwards. */
  @Override
  public void writabilityChanged() {
    queue.wake();
    if (!isWritable()) {
      return;
    }
    if (attaching) {
      queue.refuse();
    } else {
      roomAgain();
      window.changed();
      turnChanged();
    }
  }

  // ---- the window ----

  @Override
  public boolean laneHasRoom() {
    return strand.hasRoom();
  }

  @Override
  public void read(boolean on) {
    readFirst(on);
    companions.forEach(each -> each.read(on));
  }

  @Override
  public void readFirst(boolean on) {
    Carrier from = carrier;
    if (from != null) {
      from.read(on);
    }
  }

  @Override
  public void keepsBack(int bytes) {
    Carrier of = carrier;
    if (of != null) {
      OutboundWriter writer = of.writer();
      writer.keepsBack(bytes);
      timeouts.keepsBack(writer.keptBack(), writer.isFull()); // the service may have sent more
    }
  }

  @Override
  public void resumeCodec() {
    if (carrier == null) {
      return; // the codec's handlers have left, and what they kept with them
    }
    ending().withFlow(Flow::resume);
    companions.forEach(Companion::resume);
  }

  void readComplete() {
    timeouts.read(flushRead());
  }

  @Override
  public void resumed(boolean first) {
    if (first) {
      readComplete();
    } else {
      readComplete(true);
    }
  }

  /** Sends what a read has brought about; returns whether a message was handed out in it. */
  private boolean flushRead() {
    OutboundWriter writer = carrier().writer();
    boolean handedOut = writer.isReading();
    writer.readComplete();
    flushed(); // codecs answer by themselves, too
    return handedOut;
  }

  // ---- time ----

  @Override
  public Turn turn() {
    if (window.isFrozen() || state().isDetached() || meetings.isAway()) {
      return Turn.NOBODY;
    }
    if (state().isClosing()) {
      return Turn.CLOSING;
    }
    if (inputEnded || carrier().isInputShutdown()) {
      return Turn.LAST_ANSWERS;
    }
    return window.quiet() && !window.isHeldBack() ? Turn.CLIENT : Turn.SERVICE;
  }

  @Override
  public Flow.Phase phase() {
    return service().flow().phase();
  }

  @Override
  public Timeouts timeouts(Timeouts usual) {
    return route.own().isEmpty() ? usual : route.own(service().at()).timeouts().over(usual);
  }

  @Override
  public boolean takeActivity() {
    return service().flow().takeActivity();
  }

  @Override
  public boolean isReading() {
    Carrier from = carrier;
    return from != null && from.writer().isReading();
  }

  @Override
  public @Nullable ChannelOutboundBuffer unsentBuffer() {
    Carrier from = carrier;
    return from == null || meetings.isAway() ? null : from.unsentBuffer();
  }

  @Override
  public void flushed() {
    timeouts.flushed();
    companions.forEach(Companion::flushed);
  }

  @Override
  public void turnChanged() {
    timeouts.turnChanged();
  }

  @Override
  public void timedOut() {
    boolean mayWait = phase() == Flow.Phase.IDLE && !service().flow().endsIdle();
    if (mayWait && meetings.loses()) {
      return;
    }
    ending().endBehindSends(state().reasonOr(CloseReason.TIMEOUT));
  }

  @Override
  public void unanswered(long ms) {
    context.unanswered().report(route, logged(), service().current(), ms);
    timedOut();
  }

  @Override
  public void probe() {
    ending().withFlow(Flow::probe);
  }

  @Override
  public void writeTimedOut() {
    if (meetings.loses()) {
      return;
    }
    ending().abort(CloseReason.TIMEOUT);
  }

  @Override
  public boolean isAwaitedBySender() {
    return queue.isAwaited();
  }

  @Override
  public void creditTimedOut() {
    ending().cut(CloseReason.LIMIT);
  }

  @Override
  public void codecFailed(RuntimeException cause) {
    ending().fail(service(), cause);
  }

  // ---- the end ----

  SessionEnding ending() {
    return new SessionEnding(this);
  }

  @Override
  public boolean isInputEnded() {
    return inputEnded;
  }

  @Override
  public void inputEnded() {
    inputEnded = true;
  }

  /** Whether the end is to be settled as soon as a message is processed. */
  private boolean awaitsQuiet() {
    return draining || state().isClosing();
  }

  @Override
  public boolean isDraining() {
    return draining;
  }

  @Override
  public void draining() {
    draining = true;
  }

  @Override
  public void settle() {
    ending().settle();
  }

  @Override
  public void rests() {
    service().rests();
  }

  @Override
  public void toldDraining(ServiceSession<?, ?> told) {
    ending().toldDraining(told);
  }

  @Override
  public void fail(ServiceSession<?, ?> failed, Throwable cause) {
    ending().fail(failed, cause);
  }

  @Override
  public void end(ServiceSession<?, ?> of, CloseReason why) {
    ending().end(of, why);
  }

  @Override
  public void end(CloseReason why) {
    ending().end(why);
  }

  @Override
  public void endInTurn(CloseReason why) {
    ending().endInTurn(why);
  }

  @Override
  public void overflow(ServiceSession<?, ?> of) {
    ending().overflow(of);
  }

  @Override
  public void abort(CloseReason why) {
    ending().abort(why);
  }

  @Override
  public void endDetached() {
    dropKept();
    events.closed();
  }

  @Override
  public void cannotSave(Throwable cause) {
    MigrationGate moving = gate;
    if (moving != null && moving.unsaved(FailureReason.of(cause, service().serviceClass()))) {
      context.counters().error(); // once, however often it is asked again
      context.errors().cannotSave(route, logged(), cause);
    }
  }

  /** No carrier will come for what was kept. */
  void dropKept() {
    if (output instanceof KeptOutput kept) {
      kept.drop();
    }
  }

  // ---- topics ----

  /**
   * The session comes from another worker.
   *
   * @param positions what it has got of its topics; null if it has none
   */
  void arrives(@Nullable TopicPositions positions) {
    topics =
        positions != null && positions.isOfOtherMachine()
            ? SessionTopics.fromOtherMachine(this, service(), positions)
            : SessionTopics.arriving(this, service(), positions);
  }

  /** It is certain that the session goes on here. */
  void startTopics() {
    if (topics != null) {
      topics.start();
    }
  }

  @Override
  public void subscribe(ServiceSession<?, ?> of, String topic, @Nullable String about) {
    if (of.equals(service()) && !state().isOver()) {
      madeTopics().subscribe(topic, about);
    }
  }

  @Override
  public void unsubscribe(ServiceSession<?, ?> of, String topic) {
    if (of.equals(service()) && topics != null) {
      topics.unsubscribe(topic);
    }
  }

  /** What is published from now on is kept, also for topics that it subscribes to only now. */
  void freezeTopics() {
    madeTopics().freeze();
  }

  private SessionTopics madeTopics() {
    SessionTopics its = topics;
    if (its == null) {
      its = SessionTopics.of(this, service());
      topics = its;
    }
    return its;
  }

  /** The session is another worker's. */
  void departTopics() {
    if (topics != null) {
      topics.departed();
      topics = null; // the session may come back before this copy is closed
    }
  }

  /** The session is another machine's. */
  void giveTopics() {
    if (topics != null) {
      topics.given();
      topics = null;
    }
  }

  /** Returns the session's topics; null if it never had any. */
  @Nullable SessionTopics topics() {
    return topics;
  }

  /** The session is not here any more, or has another service. */
  void endTopics() {
    if (topics != null) {
      topics.close();
      topics = null;
    }
  }

  @Override
  public long topicId() {
    return id;
  }

  @Override
  public SessionFacts sessionFacts() {
    String name = identity().name();
    return new SessionFacts(name == null ? "" : name, meetings.isAway());
  }

  @Override
  public WorkerTopics workerTopics() {
    return context.topics();
  }

  // ---- the access log ----

  /** Goes on with the account that another worker has kept. */
  void account(ByteBuffer saved) {
    if (account != null) {
      account = SessionAccount.resume(context.accessLogs().of(route.listener()), saved);
    }
  }

  /** Returns the account for the next worker; no bytes if there is none. */
  ByteBuffer saveAccount() {
    return SessionAccount.save(account);
  }

  /** Writes the session's line, if it gets one. */
  void logEnd(CloseReason why) {
    if (account != null) {
      AccessEntry.Subject subject =
          new AccessEntry.Subject(route.listener(), id, facts.peer(), null, identity.name());
      account.ended(subject, service().protocol().name(), why);
    }
  }

  // ---- parts and facts ----

  @Override
  public WorkerContext context() {
    return context;
  }

  @Override
  public Route<?, ?> route() {
    return route;
  }

  @Override
  public LoggedSession logged() {
    return new LoggedSession(facts.id(), facts.peer(), identity.name());
  }

  Handoff facts() {
    return facts;
  }

  @Override
  public SessionWindow window() {
    return window;
  }

  @Override
  public ConnectionTimeouts timeouts() {
    return timeouts;
  }

  @Override
  public @Nullable MigrationGate gate() {
    return gate;
  }

  void gate(MigrationGate made) {
    gate = made;
  }

  @Override
  public @Nullable Carrier carrierOrNull() {
    return carrier;
  }

  @Override
  public Carrier carrier() {
    Carrier bears = carrier;
    if (bears == null) {
      throw new IllegalStateException("no carrier bears the session");
    }
    return bears;
  }

  @Override
  public ServiceSession<?, ?> service() {
    ServiceSession<?, ?> speaks = service;
    if (speaks == null) {
      throw new IllegalStateException("no protocol is spoken yet");
    }
    return speaks;
  }

  @Override
  public SessionState state() {
    return service().state();
  }

  @Override
  public SessionOutput output() {
    return output;
  }

  @Override
  public long pending() {
    return output.pending() + companions.pending();
  }

  @Override
  public OutboundQueue queue() {
    return queue;
  }

  @Override
  public void roomAgain() {
    ServiceSession<?, ?> to = service();
    if (!to.state().isOver()) {
      if (topics != null) {
        topics.tellRefused();
      }
      strand.submit(to::tellWritable);
    }
  }

  @Override
  public int maxPendingBytes() {
    return route.options().session().output().maxPendingBytes();
  }

  @Override
  public Strand strand() {
    return strand;
  }

  @Override
  public EventLoop loop() {
    return context.loop();
  }

  @Override
  public Clock clock() {
    return context.clock();
  }

  /** Goes on with a session that began on another connection. */
  void id(long first) {
    id = first;
  }

  /** Another connection bears it from now on. */
  void facts(Handoff its) {
    facts = its;
  }

  long awayMs() {
    return meetings.awayMs();
  }

  @Override
  public @Nullable SessionKey key() {
    return key;
  }

  void key(SessionKey its) {
    key = its;
  }

  @Override
  public SessionId id() {
    return new SessionId(id);
  }

  @Override
  public Peer peer() {
    return facts.peer();
  }

  @Override
  public @Nullable Peer via() {
    return facts.via();
  }

  @Override
  public Identity identity() {
    return identity;
  }

  void identity(Identity known) {
    identity = known;
  }

  /** Known before the service hears of the session. */
  void peerCertificates(List<X509Certificate> shown) {
    certificates = shown;
  }

  @Override
  public List<X509Certificate> peerCertificates() {
    return certificates;
  }
}
