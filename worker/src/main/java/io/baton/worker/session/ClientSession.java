package io.baton.worker.session;

import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.codec.Saved;
import io.baton.codec.TryAgainLaterException;
import io.baton.pipe.Message.Handoff;
import io.baton.service.CloseReason;
import io.baton.worker.memory.Holder;
import io.baton.worker.migration.HoldUp;
import io.baton.worker.migration.MigrationGate;
import io.baton.worker.migration.OutgoingMigration;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.session.SessionState.Stage;
import io.baton.worker.tls.Arrival;
import io.baton.worker.tls.PlaintextReply;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.DecoderException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client's session as the rest of the worker sees it: it begins on a carrier, is told what that
 * carrier does, can be taken off it and go on on another, can be drained, moved and ended.
 *
 * <p>Event loop only.
 */
final class ClientSession
    implements ManagedSession, ConnectionOutcome, PipelineTail.Events, Arrival {
  private final SessionLifecycle life;

  /** It was begun in another worker, or on another carrier: its service has opened it before. */
  private boolean opened;

  /** Its connection is among those of this worker. */
  private boolean counted;

  /** It is among this worker's open sessions. */
  private boolean listed;

  ClientSession(WorkerContext context, Route<?, ?> route, Handoff facts) {
    life = new SessionLifecycle(context, route, facts, this);
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
   * Goes on with a session of another worker, on a carrier whose channel is not registered yet.
   *
   * @param returned it was here before, and no other worker would have it
   * @param resumed told once: null when the service is ready to go on with it, or for the operator
   *     why it cannot. Nothing is read or sent before the channel is registered
   * @throws IllegalArgumentException if the codec cannot go on with it
   */
  void begin(
      Carrier first, SavedSession saved, boolean returned, Consumer<@Nullable String> resumed) {
    opened = true;
    first.goesOnWith(saved.codec().unread(), saved.unsent());
    life.speak(life.route().protocol(saved.protocol()), saved.codec(), first, Stage.DETACHED);
    if (!saved.others().isEmpty()) {
      SessionMigration.gate(life).keep(saved.others());
    }
    if (returned) {
      SessionMigration.gate(life).stay();
    }
    SessionMigration.resume(life, saved.service(), this::abandon, resumed);
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
    Optional<Saved> codec = new SessionMigration(life).saveCodec();
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
    ServiceSession<?, ?> over = life.service();
    var _ = over.end(CloseReason.MOVED);
    life.dropKept();
    if (opened) {
      life.strand().submit(() -> over.tellClosed(CloseReason.MOVED));
    }
    life.carrier().closeUnregistered();
  }

  // ---- what its carrier tells ----

  @Override
  public void arrived() {
    if (!counted) {
      counted = true;
      if (opened) {
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
    life.context().counters().connectionClosed(); // there was no session yet
  }

  @Override
  public void active() {
    arrived();
    boolean first = !listed;
    listed = true;
    life.attach(); // before a drain, which may have a last word to it, hears of it
    if (first) {
      life.context().sessions().opened(this);
    }
    if (!opened) {
      opened = true;
      life.strand().submit(life.service()::open);
    }
  }

  @Override
  public void received(Object message) {
    life.carrier().writer().reading();
    if (life.state().isOpen()) {
      life.receive(message);
    } else {
      ReferenceCountUtil.release(message); // of a codec that hands out more behind its own end
    }
  }

  @Override
  public void readComplete() {
    life.readComplete();
  }

  @Override
  public void writabilityChanged() {
    life.writabilityChanged();
  }

  @Override
  public void inputEnded() {
    life.ending().inputEnded();
  }

  @Override
  public void protocolSwitched(Protocol<?, ?> next, ByteBuf unread) {
    life.become(next, unread);
  }

  @Override
  public void failed(Throwable cause) {
    switch (cause) {
      // The connection broke: nothing more can go out. A client may end it so; that is no error.
      // What it had sent before is still received, because it may matter.
      case IOException _ -> life.ending().abort(life.state().reasonOr(CloseReason.CLIENT));
      case TryAgainLaterException _ -> life.ending().endInTurn(CloseReason.LIMIT);
      case DecoderException _ -> life.ending().endInTurn(CloseReason.PROTOCOL); // a peer's garbage
      default -> {
        if (life.isWriting()) {
          life.ending().fail(life.service(), cause); // what the service sent cannot be encoded
        } else {
          life.ending().failInTurn(cause);
        }
      }
    }
  }

  @Override
  public void closed() {
    CloseReason why = life.ending().closed();
    ServiceSession<?, ?> over = life.service();
    life.strand()
        .submit(() -> {
          over.tellClosed(why);
          over.onLoop(this::gone);
        });
  }

  private void gone() {
    if (hasMoved()) {
      life.context().counters().connectionLeft();
    } else {
      life.context().counters().connectionClosed();
    }
    life.context().sessions().closed(this);
  }

  // ---- what became of its connection ----

  @Override
  public boolean hasMoved() {
    return life.state().isOver() && life.state().reason() == CloseReason.MOVED;
  }

  @Override
  public boolean brokeProtocol() {
    return life.state().reason() == CloseReason.PROTOCOL;
  }

  // ---- its way to another worker ----

  @Override
  public boolean mayMove() {
    MigrationGate gate = life.gate();
    return life.state().isOpen() && whyItStays() == null && (gate == null || gate.mayMove());
  }

  private @Nullable String whyItStays() {
    Carrier bears = life.carrierOrNull();
    return bears == null ? null : bears.whyItStays();
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
    life.ending().drains();
  }

  @Override
  public void endIfIdle() {
    boolean clientSpeaks = life.service().protocol().codec().clientsTurn();
    if (!life.state().isOver() && clientSpeaks && life.phase() == Flow.Phase.IDLE) {
      life.ending().endInTurn(CloseReason.SHUTDOWN);
    }
  }

  @Override
  public void abort() {
    life.output().flush();
    life.service().silence();
    life.ending().abort(CloseReason.SHUTDOWN);
  }
}
