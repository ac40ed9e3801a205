package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.systemtest.ScriptedWorker.Script;
import io.baton.testing.Nightly;
import io.baton.testing.server.Command;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** All ways to have workers replaced; their clients go on. */
class ReplaceIT {
  private static final int CLIENTS = 50;

  @RegisterExtension static final Servers SERVERS = Servers.shared(server -> server.launchReal(0));

  private static void assertNotDone(Command.Result result, String... reasons) {
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.errLines()).singleElement().asString().contains(reasons);
  }

  /** A reload whose newcomer in slot 0 does not come up, and does not fail either. */
  private static FutureTask<Command.Result> reloadWithoutEnd(TestServer server) throws Exception {
    server.launch(0, Script.NEVER_READY);
    int next = server.status().generation() + 1;
    FutureTask<Command.Result> reload = server.begin("reload");
    server.await("the newcomers", s -> s.workers().stream().anyMatch(w -> w.generation() == next));
    return reload;
  }

  @Test
  void aHangUpSignalReloads() throws Exception {
    TestServer server = SERVERS.running();
    Status before = server.status();
    try (Streams clients = new Streams(server.echo, CLIENTS)) {
      clients.awaitAnswers();
      Procs.signal("HUP", before.pid());
      int next = before.generation() + 1;
      server.awaitLog(
          "generation %d → %d: 2 workers replaced, 50 connections migrated"
              .formatted(before.generation(), next));
      assertThat(server.awaitAllReady().pids()).doesNotContainAnyElementsOf(before.pids());

      server.configure("fleet.max-unacked", "plenty");
      Procs.signal("HUP", before.pid());
      server.awaitLog("plenty");
      assertThat(server.status().generation()).isEqualTo(next);
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
  }

  @Test
  void whileWorkersAreReplacedNoOthersAre() throws Exception {
    TestServer server = SERVERS.running();
    int serves = server.status().generation();
    int next = serves + 1;
    FutureTask<Command.Result> first = reloadWithoutEnd(server);
    assertNotDone(server.ask("reload"), "reload is under way");
    assertNotDone(server.ask("recycle"), "reload is under way");
    assertNotDone(server.ask("scale", "3"), "reload is under way");
    Status.Worker newcomer =
        server.status().workers().stream()
            .filter(worker -> worker.generation() == next && worker.slot() == 0)
            .findFirst()
            .orElseThrow();
    Procs.signal("KILL", newcomer.pid());
    assertNotDone(
        first.get(),
        "generation %d did not come up, generation %d goes on".formatted(next, serves));

    server.launchReal(0);
    assertThat(Moved.by(server, "reload").to()).isEqualTo(next);
  }

  @Test
  void aReloadWhoseNewWorkersDoNotComeUpCanBeAborted() throws Exception {
    TestServer server = SERVERS.running();
    int serves = server.status().generation();
    assertNotDone(server.ask("reload", "--abort"), "no reload is under way");
    FutureTask<Command.Result> reload = reloadWithoutEnd(server);
    Command.Result abort = server.script("reload", "--abort");
    assertThat(abort.exit()).as(abort.err()).isZero();
    assertThat(abort.out()).isEqualTo("aborted: generation " + serves + " goes on\n");
    assertNotDone(reload.get(), "generation " + serves + " goes on: aborted by bin/reload --abort");
    server.launchReal(0);
    server.awaitOnlyFilesOf(serves);
    assertThat(Moved.by(server, "reload").to()).isEqualTo(serves + 1);
  }

  /** A reload of which nothing is left but one connection that cannot move now. */
  private static FutureTask<Command.Result> reloadThatDrains(TestServer server, Client slow)
      throws Exception {
    sendHalf(server, slow);
    int generation = server.status().generation();
    FutureTask<Command.Result> reload = server.begin("reload");
    awaitOneLeft(server, generation + 1);
    return reload;
  }

  private static void sendHalf(TestServer server, Client slow) throws IOException {
    slow.send("GET /hello HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n1");
    server.await("it is served", s -> s.listener("web").open() == 1);
  }

  private static void awaitOneLeft(TestServer server, int generation) {
    server.await(
        "one connection is left, and why",
        s ->
            s.generation() == generation
                && String.valueOf(s.json().get("replacing"))
                    .contains("1 connection left on 1 worker: web, message arriving for "));
  }

  @Test
  void aNewReloadEndsOneThatOnlyWaitsForFormerWorkers() throws Exception {
    TestServer server = SERVERS.running();
    try (Client slow = server.web();
        Streams clients = new Streams(server.echo, CLIENTS)) {
      clients.awaitAnswers();
      int before = server.status().generation();
      sendHalf(server, slow);
      FutureTask<Command.Result> first = server.beginScript("reload");
      awaitOneLeft(server, before + 1);
      assertThat(Moved.by(server, "reload").to()).isEqualTo(before + 2);
      assertThat(first.get().exit()).isEqualTo(5);
      assertThat(first.get().out()).contains("superseded", "1 connection left on 1 worker");
      slow.send("2");
      assertThat(slow.answer().body()).isEqualTo("Hello, World!");
      clients.awaitAnswers();
      clients.assertUnharmed();
      server.await("the last of the first generation has ended", s -> s.workers().size() == 2);
      server.awaitOnlyFilesOf(before + 2);
    }
  }

  @Test
  void aReloadCanBeUndoneWhileItWaitsForFormerWorkers() throws Exception {
    TestServer server = SERVERS.running();
    try (Client slow = server.web();
        Streams clients = new Streams(server.echo, CLIENTS)) {
      clients.awaitAnswers();
      int serves = server.status().generation();
      int added = server.listen("added", "echo");
      FutureTask<Command.Result> reload = reloadThatDrains(server, slow);
      Client.tcp(added).close();
      Command.Result abort = server.ask("reload", "--abort");
      assertThat(abort.exit()).as(abort.err()).isZero();
      assertNotDone(
          reload.get(), "generation " + serves + " goes on: aborted by bin/reload --abort");
      Status status = server.awaitAllReady();
      assertThat(status.generation()).isEqualTo(serves);
      assertThat(status.listeners()).extracting(Status.Listener::name).doesNotContain("added");
      slow.send("2");
      assertThat(slow.answer().body()).isEqualTo("Hello, World!");
      clients.awaitAnswers();
      clients.assertUnharmed();
      server.awaitOnlyFilesOf(serves);
      assertThat(Moved.by(server, "reload").to()).isEqualTo(serves + 1);
      Client.tcp(added).close();
    }
  }

  @Tag(Nightly.ONLY)
  @Test
  void aHangUpSignalDuringAReloadIsHeededAfterIt() throws Exception {
    TestServer server = SERVERS.running();
    int first = server.status().generation();
    try (Client slow = server.web()) {
      FutureTask<Command.Result> reload = reloadThatDrains(server, slow);
      Procs.signal("HUP", server.status().pid());
      server.awaitLog("SIGHUP, which takes effect after the reload that is under way");
      Procs.signal("HUP", server.status().pid());
      server.awaitLog("SIGHUP, merged with an earlier one that still waits");
      int second = server.status().generation();
      assertThat(second).isEqualTo(first + 1);
      slow.send("2");
      assertThat(slow.answer().body()).isEqualTo("Hello, World!");
      assertThat(reload.get().exit()).as(reload.get().err()).isZero();
      int third = second + 1;
      server.awaitLog("generation %d → %d: 2 workers replaced".formatted(second, third));
      assertThat(server.status().generation()).isEqualTo(third);
    }
  }

  @Test
  void whatHeldAReloadUpAndWasClosedIsSaid() throws Exception {
    TestServer server =
        SERVERS.create().configure("workers", 1).configure("fleet.drain-timeout", "3s").start();
    try (Client slow = server.web()) {
      Command.Result reload = reloadThatDrains(server, slow).get();
      assertThat(reload.exit()).isZero();
      assertThat(reload.out()).contains("1 closed", "\n  1 closed: web, message arriving for ");
    }
  }

  @Tag(Nightly.ONLY)
  @Test
  void theServerCanBeStoppedWhileNewWorkersStart() throws Exception {
    TestServer server = SERVERS.create().configure("workers", 1).launchReal(0).start();
    FutureTask<Command.Result> reload = reloadWithoutEnd(server);
    server.visitEcho();
    server.stop();
    assertNotDone(reload.get(), "stopping");
    server.assertNothingIsLeft();
  }

  @Test
  void theServerCanBeStoppedWhileConnectionsMove() throws Exception {
    TestServer server =
        SERVERS
            .create()
            .configure("workers", 1)
            .configure("fleet.max-frozen", 1)
            .configure("fleet.drain-timeout", "3s")
            .start();
    try (Streams clients = new Streams(server.echo, 300)) {
      clients.awaitAnswers();
      FutureTask<Command.Result> reload = server.begin("reload");
      server.await("the switch", s -> s.generation() == 2);
      server.stop();
      assertThat(reload.get().exit()).isIn(0, 1);
      clients.assertNothingWrong();
    }
    server.assertNothingIsLeft();
  }

  @Test
  void workersAreRecycledTogetherOrAlone() throws Exception {
    TestServer server = SERVERS.running();
    try (Streams clients = new Streams(server.echo, CLIENTS)) {
      clients.awaitAnswers();
      Status first = server.status();
      Moved all = Moved.of(server.script("recycle"));
      assertThat(all.workers()).isEqualTo("2 workers recycled");
      assertThat(all.migrated()).isEqualTo(CLIENTS);
      assertThat(all.closed()).isZero();
      Status second = server.status();
      assertThat(second.generation()).isEqualTo(first.generation());
      assertThat(second.pids()).hasSize(2).doesNotContainAnyElementsOf(first.pids());

      assertThat(Moved.of(server.script("recycle", "1")).workers()).isEqualTo("1 worker recycled");
      Status third = server.status();
      assertThat(third.worker(0).pid()).isEqualTo(second.worker(0).pid());
      assertThat(third.worker(1).pid()).isNotEqualTo(second.worker(1).pid());

      assertNotDone(server.ask("recycle", "7"), "7", "0 to 1");
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
  }

  @Test
  void thereCanBeMoreWorkersAndFewer() throws Exception {
    TestServer server = SERVERS.running();
    try (Streams clients = new Streams(server.echo, CLIENTS)) {
      clients.awaitAnswers();
      List<Long> two = server.status().pids();
      assertThat(Moved.of(server.script("scale", "3")).workers())
          .isEqualTo("3 workers (1 started, 0 ended)");
      List<Long> three = server.status().pids();
      assertThat(three).hasSize(3).containsAll(two);

      Moved moved = Moved.by(server, "scale", "1");
      assertThat(moved.workers()).isEqualTo("1 worker (0 started, 2 ended)");
      assertThat(moved.closed()).isZero();
      assertThat(server.status().pids()).containsExactly(two.getFirst());
      clients.awaitAnswers();
      clients.assertUnharmed();
      assertThat(server.status().worker(0).connections()).isEqualTo(CLIENTS);
    }
    assertThat(server.script("scale", "0").exit()).isNotZero();
  }

  @Test
  void workersThatHaveServedEnoughAreRecycledByThemselves() throws Exception {
    TestServer server =
        SERVERS
            .create()
            .configure("listener-defaults.placement", "round-robin")
            .configure("worker.max-connections-served", 40)
            .start();
    List<Long> first = server.status().pids();
    try (Streams clients = new Streams(server.echo, CLIENTS)) {
      server.visitUntil(
          "fresh workers",
          s ->
              s.allReady()
                  && s.workers().size() == 2
                  && s.pids().stream().noneMatch(first::contains));
      server.awaitLog("max-connections-served");
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
  }

  @Tag(Nightly.ONLY)
  @Test
  void workersThatAreOldAreRecycledByThemselves() throws Exception {
    TestServer server =
        SERVERS.create().configure("workers", 1).configure("worker.max-age", "2s").start();
    List<Long> first = server.status().pids();
    try (Streams clients = new Streams(server.echo, CLIENTS)) {
      server.await("fresh workers", s -> s.pids().stream().noneMatch(first::contains));
      server.awaitLog("max-age");
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
  }
}
