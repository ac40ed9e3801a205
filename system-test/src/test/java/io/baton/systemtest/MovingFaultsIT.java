package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.systemtest.ScriptedWorker.Script;
import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import io.baton.testing.server.Command;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Processes that fail while connections move. Afterwards each connection is served by one worker,
 * or has ended for a reason that is counted, and the server goes on.
 */
class MovingFaultsIT {
  private static final int CLIENTS = 150;
  private static final int ROUNDS = Nightly.of(20, 1);
  private static final long MOMENT_NS = 150_000_000;
  private static final long LOOK_AGAIN_NS = 3_000_000;

  @RegisterExtension static final Servers SERVERS = Servers.shared(MovingFaultsIT::configure);

  private final Random random = new Random(Seeds.fresh(MovingFaultsIT.class));

  /** Who fails. */
  enum Victims {
    SOURCE,
    TARGET,
    BOTH
  }

  /** Few connections move at a time, so that there are many moments to fail at. */
  private static void configure(TestServer server) throws IOException {
    server
        .configure(
            "fleet.canary", 0) // it would be the first to meet the faults, and end the reload
        .configure("fleet.max-frozen", 8)
        .configure("fleet.max-unacked", 4)
        .configure("fleet.ping-interval", "500ms")
        .configure("fleet.hang-timeout", "3s")
        .configure("fleet.dump-grace", "1s")
        .configure("fleet.backoff", "{ initial = 50ms, max = 200ms }")
        .configure("fleet.breaker.failures", 1000)
        .launchReal(0);
  }

  /** Starts a reload, and lets it come to a moment at which connections move. */
  private FutureTask<Command.Result> reload(TestServer server) throws IOException {
    int generation = server.status().generation();
    FutureTask<Command.Result> reload = server.begin("reload");
    while (server.status().generation() == generation && !reload.isDone()) {
      LockSupport.parkNanos(LOOK_AGAIN_NS);
    }
    LockSupport.parkNanos(random.nextLong(MOMENT_NS));
    return reload;
  }

  private static List<Long> pids(Status status, Victims victims) {
    List<Long> pids = new ArrayList<>();
    status.workers().stream()
        .filter(worker -> victims != Victims.TARGET && worker.isLeaving())
        .findFirst()
        .ifPresent(source -> pids.add(source.pid()));
    status.workers().stream()
        .filter(worker -> victims != Victims.SOURCE && worker.isReady())
        .findFirst()
        .ifPresent(target -> pids.add(target.pid()));
    return pids;
  }

  /** Connections that ended and not because their client wanted that. */
  private static long counted(Status status) {
    return status.total("lostWithWorker")
        + status.total("stranded")
        + status.total("refused")
        + status.total("closed");
  }

  /** Whoever is there is served, and whoever is not is counted. */
  private static void assertAccountedFor(TestServer server, Streams clients, Status before) {
    clients.awaitAnswers();
    server.await(
        "as many are counted as have gone",
        s -> counted(s) - counted(before) == clients.gone().size());
    clients.assertNothingWrong();
  }

  /** What all its processes have open, the manager's first, when nobody is connected. */
  private static List<Map<String, Long>> descriptors(TestServer server) throws IOException {
    Status status =
        server.await(
            "all is quiet",
            s -> s.allReady() && s.workers().size() == 2 && s.total("connections") == 0);
    List<Map<String, Long>> all = new ArrayList<>();
    all.add(Procs.descriptors(status.pid()));
    for (long pid : status.pids()) {
      all.add(Procs.descriptors(pid));
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource
  void whoeverIsKilledWhileConnectionsMoveTakesOnlyItsOwnAlong(Victims victims) throws Exception {
    TestServer server = SERVERS.running();
    if (server.status().generation() == 1) { // what is opened once for good is open then
      server.visitEcho();
      assertThat(Moved.by(server, "reload").closed()).isZero();
      server.openForReaders();
    }
    List<Map<String, Long>> open = descriptors(server);
    for (int round = 0; round < ROUNDS; round++) {
      Status before = server.status();
      try (Streams clients = new Streams(server.echo, CLIENTS)) {
        clients.awaitAnswers();
        FutureTask<Command.Result> reload = reload(server);
        for (long pid : pids(server.status(), victims)) {
          Procs.signal("KILL", pid);
        }
        assertThat(reload.get().exit()).as(reload.get().err()).isZero();
        assertAccountedFor(server, clients, before);
      }
      Wait.until("descriptors are as before: " + open, () -> descriptors(server), open::equals);
      server.visitWeb();
    }
  }

  @Tag(Nightly.ONLY)
  @ParameterizedTest
  @EnumSource
  void whoeverIsStoppedForAWhileLosesNobody(Victims victims) throws Exception {
    TestServer server = SERVERS.running();
    for (int round = 0; round < ROUNDS; round++) {
      try (Streams clients = new Streams(server.echo, CLIENTS)) {
        clients.awaitAnswers();
        FutureTask<Command.Result> reload = reload(server);
        List<Long> pids = pids(server.status(), victims);
        for (long pid : pids) {
          Procs.signal("STOP", pid);
        }
        LockSupport.parkNanos(random.nextLong(MOMENT_NS));
        for (long pid : pids) {
          Procs.signal("CONT", pid);
        }
        assertThat(Moved.of(reload.get()).closed()).isZero();
        clients.awaitAnswers();
        clients.assertUnharmed();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoeverIsStoppedForGoodIsReplacedAndItsConnectionsAreCounted(Victims victims)
      throws Exception {
    TestServer server = SERVERS.running();
    Status before = server.status();
    try (Streams clients = new Streams(server.echo, CLIENTS)) {
      clients.awaitAnswers();
      FutureTask<Command.Result> reload = reload(server);
      for (long pid : pids(server.status(), victims)) {
        Procs.signal("STOP", pid);
      }
      assertThat(reload.get().exit()).as(reload.get().err()).isZero();
      assertAccountedFor(server, clients, before);
    }
    server.await("two workers", s -> s.allReady() && s.workers().size() == 2);
    server.visitWeb();
  }

  /** Reloads while the new worker in slot 0 is this one; its successors are real. */
  private static FutureTask<Command.Result> reloadOnto(TestServer server, Script script)
      throws Exception {
    server.launch(0, script);
    int next = server.status().generation() + 1;
    FutureTask<Command.Result> reload = server.begin("reload");
    server.await(
        "the new worker in slot 0",
        s -> s.workers().stream().anyMatch(w -> isNewcomer(w, next) && w.pid() > 0));
    server.launchReal(0);
    return reload;
  }

  private static boolean isNewcomer(Status.Worker worker, int generation) {
    return worker.slot() == 0 && worker.generation() == generation;
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "REFUSES_ALL",
        "REFUSES_SAVED",
        "DIES_BEFORE_TAKEN",
        "DIES_AFTER_TAKEN",
        "NEVER_READS"
      })
  void whoATargetDoesNotTakeAnotherDoes(Script script) throws Exception {
    TestServer server = SERVERS.running();
    Status before = server.status();
    try (Streams clients = new Streams(server.echo, 100)) {
      clients.awaitAnswers();
      Moved moved = Moved.of(reloadOnto(server, script).get());
      assertThat(moved.closed()).isZero();
      int lost = script == Script.DIES_AFTER_TAKEN ? 1 : 0;
      server.await("what went with it", s -> s.total("lostWithWorker") == lost);
      assertAccountedFor(server, clients, before);
      assertThat(clients.gone()).hasSize(lost);
    }
  }

  @Test
  void whoATargetHasReceivedAndNotTakenGoesToAnotherWhenItDies() throws Exception {
    TestServer server = SERVERS.running();
    try (Streams clients = new Streams(server.echo, 100)) {
      clients.awaitAnswers();
      int next = server.status().generation() + 1;
      FutureTask<Command.Result> reload = reloadOnto(server, Script.NEVER_TAKES);
      Status status =
          server.await(
              "some wait",
              s -> s.workers().stream().anyMatch(w -> isNewcomer(w, next) && w.untaken() > 0));
      for (Status.Worker worker : status.workers()) {
        if (isNewcomer(worker, next)) {
          Procs.signal("KILL", worker.pid());
        }
      }
      assertThat(Moved.of(reload.get()).closed()).isZero();
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
  }

  @Test
  void whoATargetHasNoDescriptorForGoesToAnother() throws Exception {
    int many = 300; // more than one of them has room for
    TestServer server = SERVERS.running();
    try (Streams clients = new Streams(server.echo, many)) {
      clients.awaitAnswers();
      server.launch(0, "ulimit -n 128");
      Moved moved = Moved.by(server, "reload");
      assertThat(moved.migrated()).isEqualTo(many);
      assertThat(moved.closed()).isZero();
      clients.awaitAnswers();
      clients.assertUnharmed();
      Status status = server.status();
      assertThat(status.worker(0).connections()).isLessThan(status.worker(1).connections());
    }
  }
}
