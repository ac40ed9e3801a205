package io.baton.manager;

import io.baton.manager.admin.SessionAnswer;
import io.baton.manager.admin.SessionList;
import io.baton.manager.admin.SessionsQuery;
import io.baton.manager.admin.Status;
import io.baton.manager.fleet.Event;
import io.baton.manager.fleet.Outcome;
import io.baton.manager.fleet.StopMode;
import io.baton.manager.listen.Prepared;
import io.baton.manager.process.Deployment;
import io.baton.pipe.SessionRef;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What other threads ask of the manager's. */
sealed interface Command {

  /** End. */
  record Stop(StopMode mode) implements Command {}

  /** Say how things are. */
  record Look(CompletableFuture<Status> answer) implements Command {}

  /** Say how one session is and, if so asked, end it. */
  record Describe(SessionRef session, boolean end, CompletableFuture<SessionAnswer> answer)
      implements Command {}

  /** Say which sessions there are. */
  record ListSessions(SessionsQuery query, CompletableFuture<SessionList> answer)
      implements Command {}

  /** Have the workers open their log files anew. */
  record ReopenLogs() implements Command {}

  /** Say when no workers are being replaced any more. */
  record Settle(CompletableFuture<Void> answer) implements Command {}

  /**
   * Undo the reload that is under way.
   *
   * @param serving the generation that served when the sockets were prepared
   * @param sockets what the generation before needs and that one does not have; the manager's with
   *     the command
   * @param answer empty, or why not
   */
  record Abort(int serving, Prepared sockets, CompletableFuture<String> answer)
      implements Command {}

  /** Replace workers, and say how that ended. One at a time: another one is refused meanwhile. */
  sealed interface Replace extends Command {
    CompletableFuture<Outcome> answer();

    Outcome.Kind kind();

    /** What it is for the fleet. */
    Event event();
  }

  /** Go over to the next generation. Its files and sockets are the manager's with the command. */
  record Reload(Deployment next, Prepared sockets, CompletableFuture<Outcome> answer)
      implements Replace {
    @Override
    public Outcome.Kind kind() {
      return Outcome.Kind.RELOAD;
    }

    @Override
    public Event event() {
      return new Event.Reload(next.generation());
    }
  }

  /**
   * Replace workers by fresh ones.
   *
   * @param slots which; empty: all
   */
  record Recycle(List<Integer> slots, CompletableFuture<Outcome> answer) implements Replace {
    @Override
    public Outcome.Kind kind() {
      return Outcome.Kind.RECYCLE;
    }

    @Override
    public Event event() {
      return new Event.Recycle(slots);
    }
  }

  /** Have so many workers. */
  record Scale(int workers, CompletableFuture<Outcome> answer) implements Replace {
    @Override
    public Outcome.Kind kind() {
      return Outcome.Kind.SCALE;
    }

    @Override
    public Event event() {
      return new Event.Scale(workers);
    }
  }
}
