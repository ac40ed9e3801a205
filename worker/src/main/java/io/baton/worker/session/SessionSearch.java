package io.baton.worker.session;

import io.baton.codec.Meeting;
import io.baton.codec.Saved;
import io.baton.pipe.HandoffKind.Search;
import io.baton.service.SessionKey;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The search of a connection for the session that its client had before. Event loop only. */
final class SessionSearch {
  private final SessionLifecycle life;
  private final boolean beyondLimit;

  /** How far it had come in other workers; null if the connection came fresh. */
  private @Nullable Search came;

  /** Other machines were asked, too. */
  private boolean askedElsewhere;

  private @Nullable FoundSession met;

  /**
   * @param life of the session that would begin on the connection
   * @param beyondLimit whether none may
   */
  SessionSearch(SessionLifecycle life, boolean beyondLimit) {
    this.life = life;
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
   * @return {@link Meeting.Elsewhere} if the connection has been given away, to look there
   */
  Meeting find(SessionKey wanted, Saved codec, ByteBuffer proof) {
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
}
