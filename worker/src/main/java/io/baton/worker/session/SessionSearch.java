package io.baton.worker.session;

import io.baton.codec.Flow;
import io.baton.codec.Meeting;
import io.baton.codec.Saved;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.Message.Handoff;
import io.baton.service.CloseReason;
import io.baton.service.SessionKey;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The search of a connection for the session that its client had before, and the way of the
 * connection to a session that is found here. Event loop only.
 */
final class SessionSearch {

  /** The session that would begin on the connection, as its search sees it. */
  interface Seeker {
    /** What the connection counts as. */
    CountedConnection place();

    /** The connection is another session's: this one never was. */
    void unneeded();

    /** The connection is closed here. */
    void closed();
  }

  private final SessionLifecycle life;
  private final Seeker seeker;
  private final boolean beyondLimit;

  /** How far it had come in other workers; null if the connection came fresh. */
  private @Nullable Search came;

  /** Other machines were asked, too. */
  private boolean askedElsewhere;

  private @Nullable FoundSession met;

  /** What the connection is the other session's; null unless that has it. */
  private @Nullable ConnectionOutcome outcome;

  /** It is, or should have been, the other session's companion. */
  private boolean joins;

  /**
   * @param life of the session that would begin on the connection
   * @param beyondLimit whether none may
   */
  SessionSearch(SessionLifecycle life, Seeker seeker, boolean beyondLimit) {
    this.life = life;
    this.seeker = seeker;
    this.beyondLimit = beyondLimit;
  }

  /** It has begun in other workers. */
  void goesOn(Search elsewhere, boolean onOtherMachines) {
    came = elsewhere;
    askedElsewhere = onOtherMachines;
  }

  /**
   * Whether its session may have come here from another machine for this connection, whose number
   * it has until they meet: the manager, which knows both by that, is to get one of them at most.
   */
  boolean mayShareNumber() {
    return askedElsewhere && came == Search.UNANSWERED;
  }

  /** Whether it has begun in other workers. */
  boolean isOn() {
    return came != null;
  }

  /**
   * Whether other workers may have it: they were not asked, or it was here when this connection was
   * taken and has moved since.
   */
  private boolean mayGoOn() {
    return came == null || came == Search.ASK;
  }

  /** Returns the session that was found here; null if none was. */
  @Nullable FoundSession met() {
    return met;
  }

  /**
   * Looks for the session.
   *
   * @param codec what the codec goes on with elsewhere
   * @param proof what the client has shown
   * @return {@link Meeting.Elsewhere} if the connection has been given away, to look there, or is
   *     turned away, because it is beyond a limit and has no session here
   */
  Meeting meet(SessionKey wanted, Saved codec, ByteBuffer proof) {
    Meeting found = find(wanted, codec, proof);
    return switch (found) {
      case Meeting.Here _ -> found;
      case Meeting.Elsewhere _ -> left();
      case Meeting.Nowhere _, Meeting.Later _ -> beyondLimit ? turnedAway() : found;
    };
  }

  private Meeting turnedAway() {
    life.ending().endInTurn(CloseReason.LIMIT);
    return new Meeting.Elsewhere();
  }

  private Meeting left() {
    var _ = life.service().end(CloseReason.MOVED);
    Carrier former = life.carrier();
    former.strip();
    former.close();
    seeker.closed();
    return new Meeting.Elsewhere();
  }

  private Meeting find(SessionKey wanted, Saved codec, ByteBuffer proof) {
    KeyedSessions keyed = life.context().keyed();
    if (!keyed.isGenuine(wanted)) {
      life.context().counters().forged();
      return new Meeting.Nowhere();
    }
    FoundSession its = keyed.get(wanted, life.route().listener());
    if (its != null && its.canBeMet()) {
      met = its;
      return new Meeting.Here(its.flow());
    }
    if (mayGoOn() && new ConnectionExit(life).leave(wanted, beyondLimit, codec, keyed.way())) {
      return new Meeting.Elsewhere();
    }
    if (came == Search.NOWHERE) {
      RemoteSearch elsewhere = life.context().remoteSearch();
      if (askedElsewhere || !elsewhere.isOn(wanted)) {
        return new Meeting.Nowhere();
      }
      if (new ConnectionExit(life).leave(wanted, beyondLimit, codec, elsewhere.way(proof))) {
        return new Meeting.Elsewhere();
      }
    }
    life.context().counters().later();
    return new Meeting.Later();
  }

  // ---- the session that was found here ----

  /** Returns its codec's part; empty if it was not found, or cannot be met any more. */
  Optional<Flow> flow() {
    FoundSession its = met;
    return its == null || !its.canBeMet() ? Optional.empty() : Optional.of(its.flow());
  }

  /** Has it go on over this connection. */
  void replace(Saved codec, OptionalLong last) {
    FoundSession its = metOrThrow();
    if (its.companions() > 0) {
      throw new IllegalStateException("the session has several connections");
    }
    Channel channel = become(its);
    its.goOnOver(channel, fresh(), life.peerCertificates(), seeker.place(), codec, last);
  }

  /** Has this connection join it. */
  void accompany(Saved codec) {
    FoundSession its = metOrThrow();
    if (its.isAway() || its.companions() >= HandoffKind.MAX_COMPANIONS) {
      throw new BeyondLimitException();
    }
    joins = true;
    Channel channel = become(its);
    outcome = its.joinedBy(channel, fresh(), codec);
  }

  private FoundSession metOrThrow() {
    FoundSession its = met;
    if (its == null || !its.canBeMet()) {
      throw new IllegalStateException("there is no session to go on with");
    }
    if (!new SessionIdentity(life, this::met).isOfMetSession()) {
      throw new IllegalStateException("the session is another principal's");
    }
    return its;
  }

  private Handoff fresh() {
    return life.facts().as(HandoffKind.FRESH);
  }

  /** The connection is another session's from now on. */
  private Channel become(FoundSession its) {
    Channel channel = life.carrier().release();
    outcome = its;
    seeker.unneeded();
    if (beyondLimit) {
      life.context().counters().connectionTaken();
      seeker.place().admitted();
    }
    return channel;
  }

  /** Returns what the connection is another session's; null if it is not. */
  @Nullable ConnectionOutcome outcome() {
    return outcome;
  }

  /** Returns whether the other session may outlive the connection here. */
  boolean goesOnWithout() {
    return outcome != null && !joins && outcome.goesOnWithout();
  }
}
