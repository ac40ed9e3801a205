package io.baton.worker.session;

import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.config.Settings.ListenerOptions;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.PeerKey;
import io.baton.service.CloseReason;
import io.baton.worker.channel.AwayChannel;
import io.baton.worker.load.WorkerCounters;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The absence of a session's client, which has lost its connection: the session waits for it on a
 * carrier that leads nowhere, and goes on over another connection when the client is back. The wait
 * ends the session when its time is over, or when others need its place. Event loop only.
 *
 * <pre>
 *   there ── the connection is lost, or has to be left ──► away ── goOnOver ──► there
 *                                                          └── time over, or displaced ──► ended
 * </pre>
 */
final class ClientAbsence {
  /** A client that gives no sign of life for so long has left. */
  private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** The session, as its client's absence sees it. */
  interface Owner extends ManagedSession {
    /** Returns for how long the session may wait for its client; zero if it may not. */
    Duration awaitsReturn();

    /** What its connection counts as, or the one that it had. */
    CountedConnection place();

    /** The connection has left it. */
    void uncounted();

    /** It goes on over a connection that counts as this. */
    void counted(CountedConnection over);
  }

  private final SessionLifecycle life;
  private final Owner session;

  /** Ends the wait; null while the client is there. */
  private @Nullable ScheduledFuture<?> end;

  /** When the client was asked for a sign of life; 0 if it was not, or has given one. */
  private long probedNanos;

  ClientAbsence(SessionLifecycle life, Owner session) {
    this.life = life;
    this.session = session;
  }

  // ---- the wait ----

  /** Whether the client is away. */
  boolean isOn() {
    return end != null;
  }

  /** Returns for how many milliseconds it still waits; negative if the client is there. */
  long leftMs() {
    ScheduledFuture<?> timer = end;
    return timer == null ? -1 : Math.max(0, timer.getDelay(TimeUnit.MILLISECONDS));
  }

  /** The session begins to wait, or goes on with that. */
  void begin(long ms) {
    WorkerCounters counters = life.context().counters();
    end = life.loop().schedule(() -> end(counters::expired), ms, TimeUnit.MILLISECONDS);
    ListenerOptions options = life.route().options();
    AwaySessions.Bounds bounds =
        new AwaySessions.Bounds(
            options.session().awaits().maxAway(), options.limits().maxConnectionsPerPeer());
    life.context()
        .away()
        .enter(life.route().listener(), bounds, peer(), session, () -> end(counters::displaced));
  }

  private void end(Runnable count) {
    if (!life.state().isOver()) {
      count.run();
      life.ending().abort(CloseReason.CLIENT);
    }
  }

  /** The client is back, or the session has ended or moved. */
  void over() {
    ScheduledFuture<?> timer = end;
    if (timer != null) {
      end = null;
      timer.cancel(false);
      life.context().away().leave(life.route().listener(), peer(), session);
    }
  }

  private PeerKey peer() {
    return PeerKey.of(life.facts().peer());
  }

  // ---- the client leaves ----

  /** Whether the session would wait if it lost its client. */
  boolean mayBegin() {
    return life.key() != null
        && life.companions().isEmpty()
        && life.state().isOpen()
        && !isOn()
        && !life.isDraining()
        && !session.awaitsReturn().isZero();
  }

  /** The connection is lost; false: the session cannot go on without. */
  boolean loses() {
    return mayBegin() && lose(_ -> {});
  }

  /** As {@link FoundSession#leavesClient}. */
  boolean leavesClient(boolean proven) {
    boolean leaves = proven ? mayBegin() && lose(Flow::superseded) : loses();
    if (leaves && proven) {
      life.context().counters().superseded();
    }
    return leaves;
  }

  /** As {@link ManagedSession#redirect}. */
  boolean redirect() {
    life.context().away().lift();
    return isOn() || (mayBegin() && lose(Flow::redirected));
  }

  /** As {@link FoundSession#isSilent}. */
  boolean isSilent() {
    if (!life.window().isRead()) {
      probedNanos = 0; // whatever it says is not heard
      return false;
    }
    long now = life.clock().nanos();
    if (probedNanos == 0 && life.ending().asksFlow(Flow::asksForSignOfLife)) {
      probedNanos = Math.max(1, now);
    }
    return probedNanos != 0 && now - probedNanos > SILENT_NANOS;
  }

  /** The client has given a sign of life. */
  void heard() {
    probedNanos = 0;
  }

  /**
   * The session goes on without its client, which may come back.
   *
   * @param lastWords written to its connection
   */
  private boolean lose(Consumer<Flow> lastWords) {
    Optional<Saved> codec = new SessionMigration(life).handOver();
    if (codec.isEmpty() || !life.state().isOpen()) {
      return false; // its codec cannot go on without the connection
    }
    life.ending().withFlow(lastWords);
    if (!life.state().isOpen()) {
      return false; // its codec failed
    }
    life.context().counters().lost();
    begin(life.route().options().session().awaits().forMs());
    SessionIdentity.leave(life);
    leaveCarrier();
    session.place().lost();
    goOnNowhere(codec.get());
    tellAway();
    return true;
  }

  private void leaveCarrier() {
    life.detach().close();
    session.uncounted();
  }

  /** The session goes on with what its codec knew, on a carrier that leads nowhere. */
  private void goOnNowhere(Saved codec) {
    Channel nowhere = new AwayChannel(life.meter(), life.route().listener(), life.facts().peer());
    int high = life.route().options().session().output().highWaterMarkBytes();
    nowhere.config().setWriteBufferWaterMark(new WriteBufferWaterMark(high / 2, high));
    nowhere.pipeline().addLast(PipelineHead.INSTANCE);
    nowhere.closeFuture().addListener(session.place());
    Carrier next = new Carrier(nowhere, life);
    next.goesOnWith(codec.unread(), ByteBuffer.allocate(0));
    life.equip(next, codec);
    var _ = life.loop().register(nowhere); // becomes active, and bears it
  }

  private void tellAway() {
    ServiceSession<?, ?> waits = life.service();
    life.strand().submit(waits::tellAway);
  }

  // ---- the client is back ----

  /** As {@link FoundSession#goOnOver}. */
  void goOnOver(
      Channel channel,
      Handoff facts,
      List<X509Certificate> certificates,
      CountedConnection over,
      Saved codec,
      OptionalLong last) {
    life.context().counters().resumed();
    ServiceSession<?, ?> back = life.service();
    if (back.replays()) {
      life.mute(); // what is on its way, or sent on hearing of this, it will send again
    }
    ByteBuffer unsent = ByteBuffer.allocate(0);
    if (!isOn()) {
      life.context().counters().superseded();
      life.ending().withFlow(Flow::superseded);
      if (!life.state().isOpen()) { // its codec failed
        life.context().counters().connectionClosed();
        var _ = channel.close();
        return;
      }
      leaveCarrier();
      session.place().ended(); // its channel may have closed before, when that seemed a loss
      tellAway();
    } else {
      unsent = life.carrier().unsent().orElse(unsent);
      over();
      life.detach().close();
    }
    session.counted(over);
    SessionIdentity.enter(life);
    life.facts(facts);
    life.peerCertificates(certificates);
    Carrier next = new Carrier(channel, life);
    next.sends(codec.unread(), unsent);
    try {
      life.equip(next, codec);
    } catch (RuntimeException | LinkageError e) {
      next.close();
      life.ending().abort(CloseReason.ERROR);
      throw e;
    }
    life.strand().submit(() -> back.tellBack(last)); // before what the client sends is received
    life.attach();
  }
}
