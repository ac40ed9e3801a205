package io.baton.manager;

import io.baton.manager.admin.Status;
import java.util.concurrent.CompletableFuture;

/** What other threads ask of the manager's. */
sealed interface Command {

  /** End; now means without waiting for sessions. */
  record Stop(boolean now) implements Command {}

  /** Say how things are. */
  record Look(CompletableFuture<Status> answer) implements Command {}
}
