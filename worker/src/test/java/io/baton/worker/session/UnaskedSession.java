package io.baton.worker.session;

import io.baton.codec.UnderWay;
import io.baton.config.PeerRange;
import io.baton.pipe.ListedSession;
import io.baton.pipe.SessionDescription;
import io.baton.pipe.SessionFilter;
import io.baton.worker.memory.Holder;
import io.baton.worker.migration.HoldUp;
import io.baton.worker.migration.OutgoingMigration;
import org.jspecify.annotations.Nullable;

/** A session of which nothing is asked. */
class UnaskedSession implements ManagedSession {
  private static UnsupportedOperationException unasked() {
    return new UnsupportedOperationException();
  }

  @Override
  public long id() {
    throw unasked();
  }

  @Override
  public boolean matches(SessionFilter filter, @Nullable PeerRange peers) {
    throw unasked();
  }

  @Override
  public SessionDescription describe() {
    throw unasked();
  }

  @Override
  public ListedSession summary() {
    throw unasked();
  }

  @Override
  public void dismiss() {
    throw unasked();
  }

  @Override
  public int listener() {
    throw unasked();
  }

  @Override
  public String protocol() {
    throw unasked();
  }

  @Override
  public boolean isAway() {
    throw unasked();
  }

  @Override
  public UnderWay underWay() {
    throw unasked();
  }

  @Override
  public Holder holder() {
    throw unasked();
  }

  @Override
  public boolean redirect() {
    throw unasked();
  }

  @Override
  public void goodbye() {
    throw unasked();
  }

  @Override
  public void endIfIdle() {
    throw unasked();
  }

  @Override
  public void abort() {
    throw unasked();
  }

  @Override
  public boolean mayMove() {
    throw unasked();
  }

  @Override
  public boolean isQuiet() {
    throw unasked();
  }

  @Override
  public long lastActive() {
    throw unasked();
  }

  @Override
  public String kind() {
    throw unasked();
  }

  @Override
  public HoldUp holdUp() {
    throw unasked();
  }

  @Override
  public OutgoingMigration freeze(OutgoingMigration.Owner owner) {
    throw unasked();
  }
}
