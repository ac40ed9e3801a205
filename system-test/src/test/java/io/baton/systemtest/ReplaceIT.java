package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.systemtest.ScriptedWorker.Script;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** All ways to have workers replaced; their clients go on. */
class ReplaceIT {
  private static final int CLIENTS = 50;

  @RegisterExtension final Servers servers = Servers.perTest();

  private static void assertNotDone(Shell.Result result, String... reasons) {
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.errLines()).singleElement().asString().contains(reasons);
  }

  /** A reload whose newcomer in slot 0 does not come up, and does not fail either. */
  private static FutureTask<Shell.Result> reloadWithoutEnd(TestServer server) throws Exception {
    server.launch(0, Script.NEVER_READY);
    FutureTask<Shell.Result> reload = server.begin("reload");
    server.await("the newcomers", s -> s.workers().stream().anyMatch(w -> w.generation() == 2));
    return reload;
  }

  @Test
  void aHangUpSignalReloads() throws Exception {
    TestServer server = servers.create().start();
    Status before = server.status();
    try (Streams clients = new Streams(server.echo, CLIENTS)) {
      clients.awaitAnswers();
      Procs.signal("HUP", before.pid());
      server.awaitLog("generation 1 → 2: 2 workers replaced, 50 connections migrated");
      assertThat(server.awaitAllReady().pids()).doesNotContainAnyElementsOf(before.pids());

      server.configure("fleet.max-unacked", "plenty");
      Procs.signal("HUP", before.pid());
      server.awaitLog("plenty");
      assertThat(server.status().generation()).isEqualTo(2);
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
    server.configure("fleet.max-unacked", 64);
  }

  @Test
  void whileWorkersAreReplacedNoOthersAre() throws Exception {
    TestServer server = servers.create().launchReal(0).start();
    FutureTask<Shell.Result> first = reloadWithoutEnd(server);
    assertNotDone(server.script("reload"), "reload is under way");
    assertNotDone(server.script("recycle"), "reload is under way");
    assertNotDone(server.script("scale", "3"), "reload is under way");
    Status.Worker newcomer =
        server.status().workers().stream()
            .filter(worker -> worker.generation() == 2 && worker.slot() == 0)
            .findFirst()
            .orElseThrow();
    Procs.signal("KILL", newcomer.pid());
    assertNotDone(first.get(), "generation 2 did not come up, generation 1 goes on");

    server.launchReal(0);
    assertThat(Moved.by(server, "reload").to()).isEqualTo(2);
  }

  @Test
  void aReloadWhoseNewWorkersDoNotComeUpCanBeAborted() throws Exception {
    TestServer server = servers.create().launchReal(0).start();
    assertNotDone(server.script("reload", "--abort"), "no reload is under way");
    FutureTask<Shell.Result> reload = reloadWithoutEnd(server);
    Shell.Result abort = server.script("reload", "--abort");
    assertThat(abort.exit()).as(abort.err()).isZero();
    assertThat(abort.out()).isEqualTo("aborted: generation 1 goes on\n");
    assertNotDone(reload.get(), "generation 1 goes on: aborted by bin/reload --abort");
    server.launchReal(0);
    server.awaitOnlyFilesOf(1);
    assertThat(Moved.by(server, "reload").to()).isEqualTo(2);
  }

  /** A reload of which nothing is left but one connection that cannot move now. */
  private static FutureTask<Shell.Result> reloadThatDrains(TestServer server, Client slow)
      throws Exception {
    slow.send("GET /hello HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n1");
    server.await("it is served", s -> s.listener("web").open() == 1);
    int generation = server.status().generation();
    FutureTask<Shell.Result> reload = server.begin("reload");
    server.await(
        "one connection is left, and why",
        s ->
            s.generation() > generation
                && String.valueOf(s.json().get("replacing"))
                    .contains("1 connection left on 1 worker: web, message arriving for "));
    return reload;
  }

  @Test
  void aNewReloadEndsOneThatOnlyWaitsForFormerWorkers() throws Exception {
    TestServer server = servers.create().start();
    try (Client slow = server.web();
        Streams clients = new Streams(server.echo, CLIENTS)) {
      clients.awaitAnswers();
      FutureTask<Shell.Result> first = reloadThatDrains(server, slow);
      assertThat(Moved.by(server, "reload").to()).isEqualTo(3);
      assertThat(first.get().exit()).isEqualTo(5);
      assertThat(first.get().out()).contains("superseded", "1 connection left on 1 worker");
      slow.send("2");
      assertThat(slow.answer().body()).isEqualTo("Hello, World!");
      clients.awaitAnswers();
      clients.assertUnharmed();
      server.await("the last of generation 1 has ended", s -> s.workers().size() == 2);
      server.awaitOnlyFilesOf(3);
    }
  }

  @Test
  void aReloadCanBeUndoneWhileItWaitsForFormerWorkers() throws Exception {
    TestServer server = servers.create().start();
    try (Client slow = server.web();
        Streams clients = new Streams(server.echo, CLIENTS)) {
      clients.awaitAnswers();
      int added = server.listen("added", "echo");
      FutureTask<Shell.Result> reload = reloadThatDrains(server, slow);
      Client.tcp(added).close();
      Shell.Result abort = server.script("reload", "--abort");
      assertThat(abort.exit()).as(abort.err()).isZero();
      assertNotDone(reload.get(), "generation 1 goes on: aborted by bin/reload --abort");
      Status status = server.awaitAllReady();
      assertThat(status.generation()).isEqualTo(1);
      assertThat(status.listeners()).extracting(Status.Listener::name).doesNotContain("added");
      slow.send("2");
      assertThat(slow.answer().body()).isEqualTo("Hello, World!");
      clients.awaitAnswers();
      clients.assertUnharmed();
      server.awaitOnlyFilesOf(1);
      assertThat(Moved.by(server, "reload").to()).isEqualTo(2);
      Client.tcp(added).close();
    }
  }

  @Test
  void aHangUpSignalDuringAReloadIsHeededAfterIt() throws Exception {
    TestServer server = servers.create().start();
    try (Client slow = server.web()) {
      FutureTask<Shell.Result> reload = reloadThatDrains(server, slow);
      Procs.signal("HUP", server.status().pid());
      server.awaitLog("SIGHUP, which is heeded after the reload that is under way");
      Procs.signal("HUP", server.status().pid());
      server.awaitLog("SIGHUP, for which another one waits already");
      assertThat(server.status().generation()).isEqualTo(2);
      slow.send("2");
      assertThat(slow.answer().body()).isEqualTo("Hello, World!");
      assertThat(reload.get().exit()).as(reload.get().err()).isZero();
      server.awaitLog("generation 2 → 3: 2 workers replaced");
      assertThat(server.status().generation()).isEqualTo(3);
    }
  }

  @Test
  void whatHeldAReloadUpAndWasClosedIsSaid() throws Exception {
    TestServer server = servers.create().configure("fleet.drain-timeout", "3s").start();
    try (Client slow = server.web()) {
      Shell.Result reload = reloadThatDrains(server, slow).get();
      assertThat(reload.exit()).isZero();
      assertThat(reload.out()).contains("1 closed", "\n  1 closed: web, message arriving for ");
    }
  }

  @Test
  void theServerCanBeStoppedWhileNewWorkersStart() throws Exception {
    TestServer server = servers.create().launchReal(0).start();
    FutureTask<Shell.Result> reload = reloadWithoutEnd(server);
    server.visitEcho();
    server.stop();
    assertNotDone(reload.get(), "stopping");
    server.assertNothingIsLeft();
  }

  @Test
  void theServerCanBeStoppedWhileConnectionsMove() throws Exception {
    TestServer server =
        servers
            .create()
            .configure("fleet.max-frozen", 1)
            .configure("fleet.drain-timeout", "3s")
            .start();
    try (Streams clients = new Streams(server.echo, 300)) {
      clients.awaitAnswers();
      FutureTask<Shell.Result> reload = server.begin("reload");
      server.await("the switch", s -> s.generation() == 2);
      server.stop();
      assertThat(reload.get().exit()).isIn(0, 1);
      clients.assertNothingWrong();
    }
    server.assertNothingIsLeft();
  }

  @Test
  void workersAreRecycledTogetherOrAlone() throws Exception {
    TestServer server = servers.create().start();
    try (Streams clients = new Streams(server.echo, CLIENTS)) {
      clients.awaitAnswers();
      Status first = server.status();
      Moved all = Moved.by(server, "recycle");
      assertThat(all.workers()).isEqualTo("2 workers recycled");
      assertThat(all.migrated()).isEqualTo(CLIENTS);
      assertThat(all.closed()).isZero();
      Status second = server.status();
      assertThat(second.generation()).isEqualTo(1);
      assertThat(second.pids()).hasSize(2).doesNotContainAnyElementsOf(first.pids());

      assertThat(Moved.by(server, "recycle", "1").workers()).isEqualTo("1 worker recycled");
      Status third = server.status();
      assertThat(third.worker(0).pid()).isEqualTo(second.worker(0).pid());
      assertThat(third.worker(1).pid()).isNotEqualTo(second.worker(1).pid());

      assertNotDone(server.script("recycle", "7"), "7", "0 to 1");
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
  }

  @Test
  void thereCanBeMoreWorkersAndFewer() throws Exception {
    TestServer server = servers.create().start();
    try (Streams clients = new Streams(server.echo, CLIENTS)) {
      clients.awaitAnswers();
      List<Long> two = server.status().pids();
      assertThat(Moved.by(server, "scale", "3").workers())
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
        servers
            .create()
            .configure("listener-defaults.placement", "round-robin")
            .configure("worker.max-connections-served", 80)
            .start();
    List<Long> first = server.status().pids();
    try (Streams clients = new Streams(server.echo, CLIENTS)) {
      server.visitUntil(
          "fresh workers",
          s ->
              s.allReady()
                  && s.workers().size() == 2
                  && s.pids().stream().noneMatch(first::contains));
      assertThat(server.log()).contains("max-connections-served");
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
  }

  @Test
  void workersThatAreOldAreRecycledByThemselves() throws Exception {
    TestServer server = servers.create().configure("worker.max-age", "2s").start();
    List<Long> first = server.status().pids();
    try (Streams clients = new Streams(server.echo, CLIENTS)) {
      server.await("fresh workers", s -> s.pids().stream().noneMatch(first::contains));
      assertThat(server.log()).contains("max-age");
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
  }
}
