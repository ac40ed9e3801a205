package io.baton.manager;

import io.baton.config.Configuration;
import io.baton.manager.fleet.Generation;
import io.baton.manager.fleet.Outcome;
import io.baton.manager.listen.Prepared;
import io.baton.manager.process.Deployment;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out reloads, on the thread of whoever asks: reads the configuration and checks it, pins
 * the jars, binds what is new, and only then asks the manager to go over to it. Whatever fails, the
 * generation that serves goes on, and what was prepared is undone.
 */
final class Reloads implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Reloads.class);

  /** One that still prepares when the server ends has this long to notice. */
  private static final long END_MS = 5_000;

  /** Where the configuration comes from: what the server was started with. */
  interface Source {
    Configuration read() throws Failure;
  }

  private final Source source;
  private final Deployer deployer;
  private final Manager manager;

  /** Taken while a reload is under way. */
  private final Semaphore free = new Semaphore(1);

  Reloads(Source source, Deployer deployer, Manager manager) {
    this.source = source;
    this.deployer = deployer;
    this.manager = manager;
  }

  /**
   * Reloads; returns when all workers of the generation before have ended.
   *
   * @return one line that says how it went
   * @throws Failure if the generation before goes on, and why
   */
  String reload() throws Failure, InterruptedException {
    if (!free.tryAcquire()) {
      throw new Failure("a reload is under way");
    }
    try {
      Generation now = manager.generation();
      return goOver(now, prepare(now));
    } catch (Failure e) {
      log.error(
          "reload: {}", String.valueOf(e.getMessage()).replace("\n", "; ").replaceAll(" +", " "));
      throw e;
    } finally {
      free.release();
    }
  }

  /** As {@link #reload}, for a signal: what comes of it is in the log. */
  void reloadLogged() {
    try {
      log.info("reload: {}", reload());
    } catch (Failure _) {
      // That is in the log already.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
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
    log.info("reload: generation {}: {}", next.number(), changes.describe());
    MemoryPlan.warnings(next.settings()).forEach(log::warn);
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
      deployment.configuration().release();
      deployment.files().remove();
      throw e;
    }
  }

  private String goOver(Generation now, Candidate candidate) throws Failure, InterruptedException {
    Deployment deployment = candidate.deployment;
    Generation next = deployment.generation();
    Outcome outcome = manager.requests().reload(deployment, candidate.sockets);
    if (manager.generation().number() != next.number()) {
      deployment.files().remove(); // before anybody can ask for the next one
    }
    if (!outcome.failure().isEmpty()) {
      throw failed(now, next, outcome.failure(), null);
    }
    return OutcomeLine.reload(outcome);
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

  private Failure failed(Generation now, Generation next, String why, @Nullable Throwable cause) {
    return new Failure(
        manager.generation().number() == next.number()
            ? "generation %d serves, but %s".formatted(next.number(), why)
            : "generation %d did not come up, generation %d goes on: %s"
                .formatted(next.number(), now.number(), why),
        cause);
  }

  /**
   * The server has ended: lets the reload that is under way come to its end, and no other begin.
   */
  @Override
  public void close() {
    try {
      if (!free.tryAcquire(END_MS, TimeUnit.MILLISECONDS)) {
        log.warn("a reload was still being prepared when the server ended");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
