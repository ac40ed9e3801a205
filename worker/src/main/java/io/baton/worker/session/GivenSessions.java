package io.baton.worker.session;

import io.baton.pipe.SavedForm;
import io.baton.pipe.SessionNumbers;
import io.baton.service.SessionKey;
import io.baton.worker.elsewhere.Givings;
import io.baton.worker.elsewhere.HeldSessions;
import io.baton.worker.migration.OutgoingMigration;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.time.RunningTimeout;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The sessions of this worker, as other machines take them. Event loop only. */
public final class GivenSessions implements HeldSessions {
  private final WorkerContext context;
  private final long quiesceMs;
  private final UnaryOperator<Runnable> guard;

  /**
   * @param quiesceMs how long a session waits for its running message at most
   * @param guard wraps what is scheduled
   */
  public GivenSessions(WorkerContext context, long quiesceMs, UnaryOperator<Runnable> guard) {
    this.context = context;
    this.quiesceMs = quiesceMs;
    this.guard = guard;
  }

  @Override
  public Standing standing(SessionKey key, String listener) {
    FoundSession its = context.keyed().get(key, listener);
    if (its == null) {
      return Standing.NOT_HERE;
    }
    return its.canBeMet() && its.companions() == 0 ? Standing.HERE : Standing.NOT_NOW;
  }

  @Override
  public Answer freeze(Wish wish, Listener listener) {
    FoundSession its = context.keyed().get(wish.key(), wish.listener());
    ByteBuffer proof = ByteBuffer.wrap(wish.proof());
    boolean proven = its != null && proof.hasRemaining() && its.admits(proof);
    if (its == null || (proof.hasRemaining() && !proven)) {
      return new Answer.Refusal(true);
    }
    boolean isFree =
        its.canBeMet()
            && its.companions() == 0
            && (its.isAway() || ((proven || its.isSilent()) && its.leavesClient(proven)));
    if (!isFree || !its.mayMove()) {
      return new Answer.Refusal(false);
    }
    Freezing freezing = new Freezing(its, wish.form(), listener);
    freezing.begin();
    return new Answer.Freezing(freezing);
  }

  /** One session on its way. */
  private final class Freezing implements Frozen, OutgoingMigration.Owner {
    private final FoundSession session;
    private final SavedForm form;
    private final Listener listener;
    private final OutgoingMigration migration;
    private boolean saved;
    private boolean over;

    /** How much the session had sent when it was saved. */
    private long sent;

    Freezing(FoundSession session, SavedForm form, Listener listener) {
      this.session = session;
      this.form = form;
      this.listener = listener;
      this.migration = session.freeze(this);
    }

    void begin() {
      migration.begin();
      RunningTimeout.begin(
          context.loop(), quiesceMs, () -> !saved && !over, guard.apply(migration::giveUp));
    }

    @Override
    public void saved(OutgoingMigration its) {
      if (saved || over || !its.seal()) {
        return; // it comes again, or what has come since is looked for when it is given
      }
      Optional<SavedSession> state = its.state();
      its.unseal();
      if (state.isEmpty()) {
        its.thaw();
      } else if (state.get().unreadableIn(form).isPresent()) {
        its.stay();
      } else {
        save(state.get().forOtherMachine(number()).encode(form));
      }
    }

    /** Numbers from before there was a cluster may be others' on other machines. */
    private long number() {
      return SessionNumbers.isOfCluster(session.id()) ? session.id() : 0;
    }

    private void save(ByteBuffer state) {
      if (state.remaining() > Givings.MAX_STATE) {
        migration.stay();
      } else {
        saved = true;
        sent = session.sent();
        if (!listener.saved(state)) {
          migration.thaw();
        }
      }
    }

    @Override
    public void unsaved(OutgoingMigration its, String reason) {
      // It is told with the next move within this machine.
    }

    @Override
    public void over(OutgoingMigration its) {
      if (!over) {
        over = true;
        listener.cannot();
      }
    }

    @Override
    public boolean give() {
      if (over) {
        return false;
      }
      boolean unchanged = session.sent() == sent && migration.seal() && !over;
      over = true;
      if (unchanged) {
        migration.movedElsewhere();
      } else {
        migration.thaw();
      }
      return unchanged;
    }

    @Override
    public void thaw() {
      if (!over) {
        over = true;
        migration.thaw();
      }
    }
  }
}
