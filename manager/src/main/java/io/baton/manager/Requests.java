package io.baton.manager;

import io.baton.manager.admin.SessionAnswer;
import io.baton.manager.admin.SessionList;
import io.baton.manager.admin.SessionsQuery;
import io.baton.manager.admin.Status;
import io.baton.manager.fleet.Outcome;
import io.baton.manager.fleet.StopMode;
import io.baton.manager.listen.Prepared;
import io.baton.manager.process.Deployment;
import io.baton.pipe.SessionRef;
import io.baton.posix.EventFd;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way from any thread to the manager's: a bounded queue of commands, and a descriptor that
 * wakes the manager up. Those who ask wait for their answer here.
 */
final class Requests {
  private static final int MAX_COMMANDS = 64;
  private static final long LOOK_TIMEOUT_MS = 5_000;

  private final Queue<Command> commands = new ArrayBlockingQueue<>(MAX_COMMANDS);
  private final EventFd wake = new EventFd();

  /** What becomes of commands that came too late; null while the manager runs. */
  private volatile @Nullable Consumer<Command> late;

  Requests() throws PosixException {}

  /** Asks the server to end. */
  void stop(StopMode mode) {
    give(new Command.Stop(mode));
  }

  /**
   * How things are.
   *
   * @throws TimeoutException if the manager's thread does not answer, which it always should
   */
  Status status() throws TimeoutException, InterruptedException {
    CompletableFuture<Status> answer = new CompletableFuture<>();
    give(new Command.Look(answer));
    return awaitLook(answer);
  }

  /**
   * Returns how one session is, once the workers have answered or their time is over.
   *
   * @throws TimeoutException as {@link #status}
   */
  SessionAnswer session(SessionRef session) throws TimeoutException, InterruptedException {
    return describe(session, false);
  }

  /**
   * Ends one session, and returns how it was.
   *
   * @throws TimeoutException as {@link #status}
   */
  SessionAnswer endSession(SessionRef session) throws TimeoutException, InterruptedException {
    return describe(session, true);
  }

  private SessionAnswer describe(SessionRef session, boolean end)
      throws TimeoutException, InterruptedException {
    CompletableFuture<SessionAnswer> answer = new CompletableFuture<>();
    give(new Command.Describe(session, end, answer));
    return awaitLook(answer);
  }

  /**
   * Returns the sessions that there are, once the workers have answered or their time is over.
   *
   * @throws TimeoutException as {@link #status}
   */
  SessionList sessions(SessionsQuery query) throws TimeoutException, InterruptedException {
    CompletableFuture<SessionList> answer = new CompletableFuture<>();
    give(new Command.ListSessions(query, answer));
    return awaitLook(answer);
  }

  private static <T> T awaitLook(CompletableFuture<T> answer)
      throws TimeoutException, InterruptedException {
    try {
      return answer.get(LOOK_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Has the workers open their log files anew. */
  void reopenLogs() {
    give(new Command.ReopenLogs());
  }

  /** Asks for a reload; files and sockets are the manager's with that. */
  Outcome reload(Deployment next, Prepared sockets) throws InterruptedException {
    return replace(new Command.Reload(next, sockets, new CompletableFuture<>()));
  }

  /**
   * Asks that the reload under way be undone; returns as soon as that has begun.
   *
   * @param serving the generation that served when the sockets were prepared
   * @return why not; empty if it is
   */
  String abort(int serving, Prepared sockets) throws InterruptedException {
    CompletableFuture<String> answer = new CompletableFuture<>();
    give(new Command.Abort(serving, sockets, answer));
    return await(answer);
  }

  /** Waits until no workers are being replaced. */
  void settle() throws InterruptedException {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    give(new Command.Settle(answer));
    await(answer);
  }

  /** Asks for fresh workers in these slots, or all if there are none. */
  Outcome recycle(List<Integer> slots) throws InterruptedException {
    return replace(new Command.Recycle(slots, new CompletableFuture<>()));
  }

  /** Asks for so many workers. */
  Outcome scale(int workers) throws InterruptedException {
    return replace(new Command.Scale(workers, new CompletableFuture<>()));
  }

  private Outcome replace(Command.Replace command) throws InterruptedException {
    give(command);
    return await(command.answer());
  }

  /** What start-timeout and drain-timeout bound. */
  private static <T> T await(CompletableFuture<T> answer) throws InterruptedException {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void give(Command command) {
    if (!commands.offer(command)) {
      throw new IllegalStateException(
          "the manager has not executed its last " + MAX_COMMANDS + " commands");
    }
    wake.signal();
    answerTheLate();
  }

  // For the manager's thread.

  /** Readable when there are commands. */
  Fd wake() {
    return wake.fd();
  }

  /** The manager is awake, and takes commands until there is none. */
  void awake() {
    wake.clear();
  }

  /** The next command; null if there is none. */
  @Nullable Command next() {
    return commands.poll();
  }

  /**
   * The manager has ended.
   *
   * @param late answers commands that nobody will obey any more; on any thread
   */
  void end(Consumer<Command> late) {
    this.late = late;
    answerTheLate();
  }

  private void answerTheLate() {
    Consumer<Command> answer = late;
    if (answer != null) {
      for (Command command; (command = commands.poll()) != null; ) {
        answer.accept(command);
      }
    }
  }
}
