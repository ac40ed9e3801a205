package io.baton.manager.fleet;

import io.baton.manager.fleet.Worker.State;
import io.baton.pipe.Message.FormInUse;
import io.baton.pipe.SavedForm;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The form of saved sessions that every living worker reads. While workers of two releases run,
 * each is told to write no more than the other understands; a worker hears the form once it is
 * READY, and whenever it changes.
 */
final class CommonForm {
  private final Roster roster;

  CommonForm(Roster roster) {
    this.roster = roster;
  }

  /** A worker is READY, and says what it reads. */
  void ready(Worker worker, SavedForm reads) {
    worker.reads = reads;
    tell();
  }

  /** A worker is gone. */
  void gone() {
    tell();
  }

  private void tell() {
    List<Worker> living =
        roster.workers.values().stream()
            .filter(worker -> worker.reads != null && worker.state != State.ENDING)
            .toList();
    Optional<SavedForm> common =
        living.stream().map(worker -> Objects.requireNonNull(worker.reads)).reduce(SavedForm::and);
    for (Worker worker : living) {
      if (!common.get().equals(worker.readable)) {
        worker.readable = common.get();
        roster.add(new Effect.Tell(worker.id, new FormInUse(common.get())));
      }
    }
  }
}
