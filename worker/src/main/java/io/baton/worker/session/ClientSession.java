package io.baton.worker.session;

import io.baton.codec.ClientIdentity;
import io.baton.codec.Flow;
import io.baton.codec.Meeting;
import io.baton.codec.Protocol;
import io.baton.codec.Saved;
import io.baton.codec.TryAgainLaterException;
import io.baton.codec.UnderWay;
import io.baton.config.PeerRange;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.ListedSession;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.SessionDescription;
import io.baton.pipe.SessionFilter;
import io.baton.service.CloseReason;
import io.baton.service.SessionKey;
import io.baton.worker.identity.AuthenticatorFailedException;
import io.baton.worker.identity.IdentityForm;
import io.baton.worker.memory.Holder;
import io.baton.worker.migration.HoldUp;
import io.baton.worker.migration.MigrationGate;
import io.baton.worker.migration.OutgoingMigration;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.session.SessionState.Stage;
import io.baton.worker.tls.Arrival;
import io.baton.worker.tls.PlaintextReply;
import io.baton.worker.topics.TopicPositions;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.DecoderException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One client's session as the rest of the worker sees it: it begins on a carrier, is told what that
 * carrier does, can be taken off it and go on on another, can be drained, moved and ended.
 *
 * <p>Event loop only.
 */
final class ClientSession
    implements FoundSession,
        PipelineTail.Events,
        Arrival,
        SessionSearch.Seeker,
        ClientAbsence.Owner,
        SessionCodecContext.Meetings {
  private final SessionLifecycle life;

  /** It was begun in another worker, or on another carrier: its service has opened it before. */
  private boolean opened;

  /** Its connection is among those of this worker. */
  private boolean counted;

  /** It is among this worker's open sessions. */
  private boolean listed;

  /** For the session that its client may have had before. */
  private final SessionSearch search;

  /** Of its client. */
  private final ClientAbsence absence;

  /** It came beyond a limit: it has no session but one that it comes back to. */
  private final boolean limited;

  /** What its connection counts as, or the one that it had; null before that is known. */
  private @Nullable CountedConnection place;

  ClientSession(WorkerContext context, Route<?, ?> route, Handoff facts) {
    life = new SessionLifecycle(context, route, facts, this, this);
    limited = facts.kind() instanceof HandoffKind.BeyondLimit;
    absence = new ClientAbsence(life, this);
    search = new SessionSearch(life, this, limited);
  }

  // ---- its carriers ----

  /**
   * Makes a carrier for it.
   *
   * @param channel not registered yet
   */
  Carrier carrier(Channel channel) {
    return new Carrier(channel, life);
  }

  /** Begins with the listener's protocol on a carrier whose channel is not registered yet. */
  void begin(Carrier first) {
    life.speak(life.route().protocol(), null, first, Stage.DETACHED);
  }

  /**
   * Begins on a connection of another worker, whose client seeks a session.
   *
   * @throws IllegalArgumentException if its protocol is unknown, or the codec cannot go on with it
   */
  void begin(Carrier first, SavedSession connection, Search elsewhere, boolean onOtherMachines) {
    search.goesOn(elsewhere, onOtherMachines);
    life.identity(IdentityForm.read(connection.identity()));
    Saved codec = connection.codec();
    first.goesOnWith(codec.unread(), connection.unsent());
    Protocol<?, ?> spoken = life.route().protocol(connection.protocol());
    life.speak(spoken, codec.codec().isEmpty() ? null : codec, first, Stage.DETACHED);
  }

  /**
   * Goes on with a session of another worker, on a carrier whose channel is not registered yet.
   *
   * @param others its further connections, whose channels are not registered yet
   * @param returned it was here before, and no other worker would have it
   * @param key under which its client finds it; null if it cannot
   * @param resumed told once: null when the service is ready to go on with it, or for the operator
   *     why it cannot. Nothing is read or sent before the channel is registered
   * @throws IllegalArgumentException if the codec cannot go on with it
   */
  void begin(
      Carrier first,
      SavedSession saved,
      List<? extends FurtherConnection> others,
      boolean returned,
      @Nullable SessionKey key,
      Consumer<@Nullable String> resumed) {
    opened = true;
    try {
      arrive(first, saved, others, key);
    } catch (RuntimeException | LinkageError e) {
      forgetName();
      absence.over();
      if (life.carrierOrNull() != null) {
        life.ending().withFlow(flow -> flow.ended(CloseReason.MOVED));
      }
      life.companions().forEach(Companion::abandon);
      life.window().ended();
      throw e;
    }
    if (!saved.others().isEmpty()) {
      SessionMigration.gate(life).keep(saved.others());
    }
    if (returned) {
      SessionMigration.gate(life).stay();
    }
    if (!absence.isOn()) {
      SessionIdentity.enter(life);
    }
    SessionMigration.resume(life, saved.service(), this::abandon, resumed);
  }

  private void arrive(
      Carrier first,
      SavedSession saved,
      List<? extends FurtherConnection> others,
      @Nullable SessionKey key) {
    life.identity(IdentityForm.read(saved.identity()));
    life.id(saved.idOr(life.facts().id()));
    TopicPositions positions =
        saved.topics().hasRemaining() ? TopicPositions.decode(saved.topics()) : null;
    if (key != null) {
      name(key);
    }
    if (saved.awayMs() >= 0) {
      absence.begin(saved.awayMs());
    }
    first.goesOnWith(saved.codec().unread(), saved.unsent());
    life.speak(life.route().protocol(saved.protocol()), saved.codec(), first, Stage.DETACHED);
    life.arrives(positions);
    life.account(saved.account());
    for (FurtherConnection each : others) {
      SavedSession its = each.saved();
      each.serve(new Companion(life, each.channel(), each.facts(), its.codec(), its.unsent()));
    }
  }

  /**
   * Takes the session off its carrier, which is the caller's to close.
   *
   * @return what its codec knows; empty, with nothing done, if it cannot be without a carrier now
   */
  Optional<Saved> detach() {
    if (!life.state().isOpen() || !isQuiet() || life.window().isFrozen()) {
      return Optional.empty();
    }
    Optional<Saved> codec = new SessionMigration(life).handOver();
    if (codec.isPresent()) {
      var _ = life.detach();
    }
    return codec;
  }

  /** Goes on on another carrier, whose channel is not registered yet, with what its codec knew. */
  void attach(Carrier next, Saved codec) {
    next.goesOnWith(codec.unread(), ByteBuffer.allocate(0));
    life.equip(next, codec);
  }

  @Override
  public void abandon() {
    SessionIdentity.leave(life);
    life.endTopics();
    forgetName();
    absence.over();
    ServiceSession<?, ?> over = life.service();
    var _ = over.end(CloseReason.MOVED);
    life.dropKept();
    life.ending().withFlow(flow -> flow.ended(CloseReason.MOVED));
    if (opened) {
      life.strand().submit(() -> over.tellClosed(CloseReason.MOVED));
    }
    life.companions().forEach(Companion::abandon);
    life.window().ended();
    life.carrier().closeUnregistered();
  }

  /** Its further connections may be registered. */
  @Override
  public void unregistered() {
    var _ = life.service().end(CloseReason.ERROR);
    life.dropKept();
    life.companions().forEach(Companion::close);
    closed();
  }

  // ---- what its carrier tells ----

  @Override
  public void arrived() {
    if (!counted && !limited) {
      counted = true;
      if (opened || search.isOn()) {
        life.context().counters().connectionArrived();
      } else {
        life.context().counters().connectionTaken();
      }
    }
  }

  @Override
  public void secured(List<X509Certificate> certificates) {
    life.peerCertificates(certificates);
  }

  @Override
  public PlaintextReply plaintextReply() {
    return life.route().protocol().codec() instanceof PlaintextReply its
        ? its
        : PlaintextReply.NONE;
  }

  @Override
  public void failed() {
    if (counted) {
      life.context().counters().connectionClosed(); // there was no session yet
    }
  }

  @Override
  public void active() {
    if (!absence.isOn()) {
      arrived();
    } else if (life.service().replays()) {
      life.carrier().discardOutput();
    }
    boolean first = !listed;
    listed = true;
    life.startTopics();
    life.attach(); // before a drain, which may have a last word to it, hears of it
    if (search.outcome() != null) {
      return;
    }
    if (first) {
      life.context().sessions().opened(this);
    }
    if (!opened) {
      opened = true;
      if (!life.service().protocol().codec().seeks()) {
        life.service().openOnce();
      }
    }
  }

  @Override
  public void received(Object message) {
    life.carrier().writer().reading();
    if (life.state().isOpen() && !limited) {
      life.receive(message);
    } else {
      turnAwayIfLimited();
      ReferenceCountUtil.release(message); // of a codec that hands out more behind its own end
    }
  }

  @Override
  public void readComplete() {
    absence.heard();
    life.readComplete();
  }

  @Override
  public void writabilityChanged() {
    life.writabilityChanged();
  }

  @Override
  public void inputEnded() {
    if (!loses()) {
      life.ending().inputEnded();
    }
  }

  @Override
  public void protocolSwitched(Protocol<?, ?> next, ByteBuf unread) {
    SessionIdentity.enter(life);
    life.become(next, unread, !limited);
    if (limited && !next.codec().seeks()) {
      turnAway(); // in that protocol's words: it will not say whose session it wants
    }
  }

  @Override
  public void failed(Throwable cause) {
    switch (cause) {
      case IOException _ -> broke();
      case BeyondLimitException _ -> turnAway();
      case TryAgainLaterException _ -> life.ending().endInTurn(CloseReason.LIMIT);
      case DecoderException _ -> life.ending().endInTurn(CloseReason.PROTOCOL); // a peer's garbage
      // Everything before the request that it failed for has been answered.
      case AuthenticatorFailedException _ -> life.ending().fail(life.service(), cause);
      default -> {
        if (life.isWriting()) {
          life.ending().fail(life.service(), cause); // what the service sent cannot be encoded
        } else {
          life.ending().failInTurn(cause);
        }
      }
    }
  }

  /**
   * The connection broke: nothing more can go out. A client may end it so; that is no error. What
   * it had sent before is still received, because it may matter.
   *
   * <p>Netty says so in the middle of a write, which may be one of a session that is just leaving
   * that connection, or coming to it. So it is heeded in a turn of its own, if it still matters.
   */
  private void broke() {
    Carrier broken = life.carrierOrNull();
    life.loop()
        .execute(() -> {
          if (broken != null && broken.equals(life.carrierOrNull()) && !loses()) {
            life.ending().lost(life.state().reasonOr(CloseReason.CLIENT));
          }
        });
  }

  @Override
  public void closed() {
    if (loses()) {
      return;
    }
    SessionIdentity.leave(life);
    life.endTopics();
    forgetName();
    absence.over();
    CloseReason why = life.ending().closed();
    life.route().metrics().ended(why);
    life.logEnd(why);
    ServiceSession<?, ?> over = life.service();
    life.strand()
        .submit(() -> {
          over.tellClosed(why);
          over.onLoop(this::gone);
        });
    CountedConnection its = place;
    if (its != null) {
      its.ended();
    }
  }

  private void gone() {
    if (counted && hasMoved()) {
      life.context().counters().connectionLeft();
    } else if (counted) {
      life.context().counters().connectionClosed();
    }
    life.companions().whenAllClosed(() -> life.context().sessions().closed(this));
  }

  // ---- who its client is ----

  @Override
  public ClientIdentity identity() {
    return new SessionIdentity(life, search::met);
  }

  @Override
  public @Nullable String principalName() {
    return life.identity().name();
  }

  @Override
  public @Nullable SessionKey key() {
    return life.key();
  }

  @Override
  public Duration awaitsReturn() {
    boolean can = !limited && life.service().isResumable() && life.companions().isEmpty();
    return Duration.ofMillis(can ? life.route().options().session().awaits().forMs() : 0);
  }

  @Override
  public SessionKey claim() {
    return claim(KeyedSessions::make);
  }

  @Override
  public SessionKey claimShort() {
    return claim(KeyedSessions::makeShort);
  }

  private SessionKey claim(Function<KeyedSessions, SessionKey> form) {
    SessionKey its = life.key();
    if (limited) {
      throw new BeyondLimitException();
    }
    if (its == null) {
      its = form.apply(life.context().keyed());
      name(its);
      life.service().openOnce();
    }
    return its;
  }

  private void name(SessionKey its) {
    life.key(its);
    life.context().keyed().put(its, this);
  }

  private void forgetName() {
    SessionKey its = life.key();
    if (its != null) {
      life.context().keyed().remove(its, this);
    }
  }

  // ---- what an operator is shown of it ----

  @Override
  public long id() {
    return life.id().value();
  }

  @Override
  public boolean matches(SessionFilter filter, @Nullable PeerRange peers) {
    return new SessionInspection(life).matches(filter, peers);
  }

  @Override
  public SessionDescription describe() {
    return new SessionInspection(life).describe();
  }

  @Override
  public ListedSession summary() {
    return new SessionInspection(life).summary();
  }

  // ---- a connection of its client, which finds it ----

  @Override
  public boolean isOf(String listener) {
    return life.route().listener().equals(listener);
  }

  @Override
  public Flow flow() {
    return life.service().flow();
  }

  @Override
  public boolean canBeMet() {
    return listed && life.state().isOpen() && !life.window().isFrozen();
  }

  @Override
  public int companions() {
    return life.companions().size();
  }

  @Override
  public ConnectionOutcome joinedBy(Channel channel, Handoff facts, Saved codec) {
    Companion joins;
    try {
      joins = new Companion(life, channel, facts, codec, ByteBuffer.allocate(0));
    } catch (RuntimeException | LinkageError e) {
      life.context().counters().connectionClosed();
      var _ = channel.close();
      throw e;
    }
    joins.attached();
    joins.goOn();
    return joins;
  }

  @Override
  public void goOnOver(
      Channel channel,
      Handoff facts,
      List<X509Certificate> certificates,
      CountedConnection over,
      Saved codec,
      OptionalLong last) {
    absence.goOnOver(channel, facts, certificates, over, codec, last);
  }

  @Override
  public boolean admits(ByteBuffer proof) {
    return life.ending().asksFlow(flow -> flow.admits(proof));
  }

  @Override
  public long sent() {
    return life.written();
  }

  // ---- its connection, which finds another session ----

  @Override
  public Meeting meet(SessionKey wanted, Saved codec, ByteBuffer proof) {
    return search.meet(wanted, codec, proof);
  }

  @Override
  public Optional<Flow> met() {
    return search.flow();
  }

  @Override
  public void replace(Saved codec, OptionalLong last) {
    search.replace(codec, last);
  }

  @Override
  public void accompany(Saved codec) {
    search.accompany(codec);
  }

  @Override
  public void unneeded() {
    life.context().sessions().closed(this);
    var _ = life.ending().closed(); // its service was never opened
  }

  @Override
  public Optional<Flow> accompanies() {
    return Optional.empty();
  }

  private void turnAwayIfLimited() {
    if (limited) {
      turnAway();
    }
  }

  @Override
  public void turnAway() {
    life.ending().endInTurn(CloseReason.LIMIT);
  }

  // ---- its client, which may be away ----

  @Override
  public boolean isAway() {
    return absence.isOn();
  }

  @Override
  public long awayMs() {
    return absence.leftMs();
  }

  @Override
  public boolean loses() {
    return absence.loses();
  }

  @Override
  public boolean leavesClient(boolean proven) {
    return absence.leavesClient(proven);
  }

  @Override
  public boolean redirect() {
    return absence.redirect();
  }

  @Override
  public boolean isSilent() {
    return absence.isSilent();
  }

  // ---- what its connection counts as, and what became of it ----

  @Override
  public void watch(CountedConnection counted) {
    place = counted;
  }

  @Override
  public CountedConnection place() {
    CountedConnection its = place;
    if (its == null) {
      throw new IllegalStateException("nobody counts this connection");
    }
    return its;
  }

  @Override
  public void uncounted() {
    counted = false;
    life.context().counters().connectionClosed();
  }

  @Override
  public void counted(CountedConnection over) {
    counted = true;
    place = over;
  }

  @Override
  public boolean goesOnWithout() {
    if (search.outcome() != null) {
      return search.goesOnWithout();
    }
    return absence.isOn() || absence.mayBegin();
  }

  @Override
  public boolean hasMoved() {
    ConnectionOutcome others = search.outcome();
    if (others != null) {
      return others.hasMoved();
    }
    return life.state().isOver()
        && life.state().reason() == CloseReason.MOVED
        && !life.isElsewhere();
  }

  @Override
  public boolean brokeProtocol() {
    ConnectionOutcome others = search.outcome();
    if (others != null) {
      return others.brokeProtocol();
    }
    return life.state().reason() == CloseReason.PROTOCOL;
  }

  // ---- its way to another worker ----

  @Override
  public boolean mayMove() {
    MigrationGate gate = life.gate();
    return life.state().isOpen()
        && !limited
        && whyItStays() == null
        && (gate == null || gate.mayMove());
  }

  private @Nullable String whyItStays() {
    if (search.mayShareNumber()) {
      return "its client's session has just come";
    }
    SessionTopics topics = life.topics();
    if (topics != null && topics.catchesUp()) {
      return "publications on their way";
    }
    Carrier bears = life.carrierOrNull();
    String why = bears == null ? null : bears.whyItStays();
    return why == null ? life.companions().whyItStays() : why;
  }

  @Override
  public boolean isQuiet() {
    return life.window().quiet();
  }

  @Override
  public long lastActive() {
    return life.timeouts().lastActive();
  }

  @Override
  public int listener() {
    return life.facts().listener();
  }

  @Override
  public String protocol() {
    return life.service().protocol().name();
  }

  @Override
  public UnderWay underWay() {
    return new SessionInspection(life).underWay();
  }

  @Override
  public String kind() {
    return new SessionMigration(life).kind();
  }

  @Override
  public HoldUp holdUp() {
    String why = whyItStays();
    if (why == null) {
      why = MigrationGate.whyNot(life.gate(), new SessionMigration(life));
    }
    return new HoldUp(life.route().listener(), why, lastActive());
  }

  @Override
  public void holdsUp() {
    life.ending().holdsUp();
  }

  @Override
  public OutgoingMigration freeze(OutgoingMigration.Owner owner) {
    life.window().freeze();
    return SessionMigration.gate(life).begin(owner);
  }

  // ---- its end ----

  @Override
  public Holder holder() {
    return life.window();
  }

  @Override
  public void goodbye() {
    if (!absence.isOn()) {
      life.ending().drains();
    } else {
      abort();
    }
  }

  @Override
  public void dismiss() {
    if (!absence.isOn()) {
      life.ending().endInTurn(CloseReason.SHUTDOWN);
    } else {
      abort();
    }
  }

  @Override
  public void endIfIdle() {
    boolean clientSpeaks = life.service().protocol().codec().clientsTurn();
    if (!life.state().isOver()
        && !absence.isOn()
        && clientSpeaks
        && life.phase() == Flow.Phase.IDLE) {
      life.ending().endInTurn(CloseReason.SHUTDOWN);
    }
  }

  @Override
  public void abort() {
    life.output().flush();
    life.service().silence();
    life.ending().cut(CloseReason.SHUTDOWN);
    life.companions().closeLeaving();
  }
}
