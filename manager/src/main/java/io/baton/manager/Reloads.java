package io.baton.manager;

import io.baton.config.Configuration;
import io.baton.manager.fleet.Generation;
import io.baton.manager.fleet.Outcome;
import io.baton.manager.listen.Prepared;
import io.baton.manager.process.Deployment;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Carries out reloads, on the thread of whoever asks: reads the configuration and checks it, pins
 * the jars, binds what is new, and only then asks the manager to go over to it. Whatever fails, the
 * generation that serves goes on, and what was prepared is undone.
 *
 * <p>One at a time is prepared and begun; once its workers serve, and only former ones are left,
 * another one may begin, which ends the first. A SIGHUP waits until nothing is under way; those
 * that come while one waits are one with it.
 */
final class Reloads implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Reloads.class);

  /** One that still prepares when the server ends has this long to notice. */
  private static final long END_MS = 5_000;

  /** Where the configuration comes from: what the server was started with. */
  interface Source {
    Configuration read() throws Failure;
  }

  /** A reload, from its beginning to its end. */
  private record UnderWay(Generation from, int to) {}

  private final Source source;
  private final Deployer deployer;
  private final Manager manager;
  private final ServiceNotifier notifier;

  // Guarded by this.

  /** Those that have not ended, the oldest first: all but the last have been superseded. */
  private final Deque<UnderWay> underWay = new ArrayDeque<>();

  /** A SIGHUP waits for its turn. */
  private boolean signalled;

  private boolean closed;

  /**
   * @param notifier is told when a reload begins, and when none is under way any more
   */
  Reloads(Source source, Deployer deployer, Manager manager, ServiceNotifier notifier) {
    this.source = source;
    this.deployer = deployer;
    this.manager = manager;
    this.notifier = notifier;
  }

  /**
   * Reloads; returns when all workers of the generation before have ended, or another reload has
   * begun.
   *
   * @param who asks, for the log
   * @throws Failure if the generation before goes on, and why
   */
  Reply reload(String who) throws Failure, InterruptedException {
    UnderWay begun;
    try {
      begun = begin();
    } catch (Failure e) {
      report(Level.WARN, "reload, requested by %s: refused, %s".formatted(who, e.getMessage()));
      throw e;
    }
    report(Level.INFO, "reload, requested by %s: begins".formatted(who));
    try {
      Reply reply = goOver(begun.from, prepare(begun.from));
      Level level = reply.status() == Reply.DONE ? Level.INFO : Level.WARN;
      report(level, "reload: " + line(reply.text()));
      return reply;
    } catch (Failure e) {
      report(Level.ERROR, "reload: " + line(String.valueOf(e.getMessage())));
      throw e;
    } finally {
      ended(begun);
    }
  }

  private void report(Level level, String text) {
    manager.events().report(log, level, text);
  }

  private static String line(String text) {
    return text.replace("\n", "; ").replaceAll(" +", " ");
  }

  private synchronized UnderWay begin() throws Failure {
    if (closed) {
      throw new Failure("the server has ended");
    }
    Generation now = manager.generation();
    UnderWay last = underWay.peekLast();
    if (last != null && last.to != now.number()) {
      throw new Failure("a reload is under way; bin/reload --abort ends it");
    }
    UnderWay begun = new UnderWay(now, now.number() + 1);
    underWay.addLast(begun);
    notifier.reloading();
    return begun;
  }

  private synchronized void ended(UnderWay reload) {
    underWay.remove(reload);
    if (underWay.isEmpty()) {
      notifier.reloaded(manager.generation());
    }
    notifyAll();
  }

  /**
   * Undoes the reload that is under way; returns when that is done.
   *
   * @return one line for the operator
   */
  String abort() throws Failure, InterruptedException {
    Generation from;
    Generation serving;
    synchronized (this) {
      UnderWay last = underWay.peekLast();
      if (last == null) {
        throw new Failure("no reload is under way");
      }
      from = last.from;
      serving = manager.generation();
    }
    report(Level.INFO, "reload: bin/reload --abort was requested");
    try {
      String why = manager.requests().abort(serving.number(), manager.prepare(from.settings()));
      if (!why.isEmpty()) {
        throw new Failure("the reload goes on: " + why);
      }
    } catch (IOException e) {
      throw new Failure("the reload goes on: " + RunDirectory.describe(e), e);
    }
    awaitNone();
    return "aborted: generation " + manager.generation().number() + " goes on";
  }

  /**
   * A SIGHUP came: reloads as soon as nothing else is under way. What comes of it is in the log.
   */
  void hangUp() {
    synchronized (this) {
      if (signalled) {
        report(Level.INFO, "reload: SIGHUP, merged with an earlier one that still waits");
        return;
      }
      signalled = true;
      if (!underWay.isEmpty()) {
        report(Level.INFO, "reload: SIGHUP, which takes effect after the reload that is under way");
      }
    }
    try {
      awaitNone();
      synchronized (this) {
        signalled = false; // the next one may be about what is read from now on
      }
      var _ = reload("SIGHUP");
    } catch (Failure _) {
      // That is in the log already.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until nothing is under way, whoever has asked for it. */
  private void awaitNone() throws InterruptedException {
    synchronized (this) {
      while (!underWay.isEmpty()) {
        wait();
      }
    }
    manager.requests().settle();
  }

  /** What is there before the manager is asked. */
  private record Candidate(Deployment deployment, Prepared sockets) {}

  private Candidate prepare(Generation now) throws Failure {
    Configuration configuration = read(now);
    Generation next = now.next(configuration.settings());
    Changes changes = new Changes(now.settings(), next.settings());
    List<String> impossible = changes.impossible();
    if (!impossible.isEmpty()) {
      throw goesOn(now, String.join("\n  ", impossible), null);
    }
    report(Level.INFO, "reload: generation %d: %s".formatted(next.number(), changes.describe()));
    MemoryPlan.warnings(next.settings()).forEach(warning -> report(Level.WARN, warning));
    try {
      Deployment deployment = deployer.deploy(next, configuration);
      return new Candidate(deployment, bind(deployment));
    } catch (IOException e) {
      throw failed(now, next, RunDirectory.describe(e), e);
    }
  }

  private Prepared bind(Deployment deployment) throws IOException {
    try {
      return manager.prepare(deployment.generation().settings());
    } catch (IOException | RuntimeException e) {
      deployment.release();
      deployment.files().remove();
      throw e;
    }
  }

  private Reply goOver(Generation now, Candidate candidate) throws Failure, InterruptedException {
    Deployment deployment = candidate.deployment;
    Generation next = deployment.generation();
    Outcome outcome = manager.requests().reload(deployment, candidate.sockets);
    if (outcome.to() != next.number()) {
      deployment.files().remove(); // before anybody can ask for the next one
    }
    return switch (outcome.end()) {
      case DONE -> new Reply(Reply.DONE, OutcomeLine.reload(outcome), outcome);
      case INCOMPLETE -> new Reply(Reply.INCOMPLETE, OutcomeLine.reload(outcome), outcome);
      case SUPERSEDED ->
          new Reply(
              Reply.SUPERSEDED, OutcomeLine.reload(outcome) + "\n  " + outcome.failure(), outcome);
      case FAILED, REFUSED -> throw failed(now, next, outcome);
    };
  }

  private Configuration read(Generation now) throws Failure {
    try {
      return source.read();
    } catch (Failure e) {
      throw goesOn(now, e.getMessage(), e);
    }
  }

  private static Failure goesOn(
      Generation now, @Nullable String mistakes, @Nullable Failure cause) {
    return new Failure(mistakes + "\ngeneration " + now.number() + " goes on", cause);
  }

  private static Failure failed(Generation now, Generation next, Outcome outcome) {
    String details =
        outcome.details().isEmpty() ? "" : "\n  " + String.join("\n  ", outcome.details());
    if (outcome.to() == next.number()) {
      return new Failure(
          "generation %d serves, but %s%s".formatted(next.number(), outcome.failure(), details));
    }
    return failed(now, next, outcome.failure() + details, null);
  }

  private static Failure failed(
      Generation now, Generation next, String why, @Nullable Throwable cause) {
    return new Failure(
        "generation %d did not come up, generation %d goes on: %s"
            .formatted(next.number(), now.number(), why),
        cause);
  }

  /**
   * The server has ended: lets the reload that is under way come to its end, and no other begin.
   */
  @Override
  public synchronized void close() {
    closed = true;
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(END_MS);
    try {
      for (long left; !underWay.isEmpty() && (left = until - System.nanoTime()) > 0; ) {
        wait(left / 1_000_000 + 1);
      }
      if (!underWay.isEmpty()) {
        log.warn("a reload was still being prepared when the server ended");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
