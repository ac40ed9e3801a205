package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Workers have links to each other, whoever comes and goes. */
class MeshIT {
  private static final int WORKERS = 4;

  @RegisterExtension final Servers servers = Servers.perTest();

  private TestServer server() throws Exception {
    return servers
        .create()
        .configure("workers", WORKERS)
        .configure("fleet.backoff", "{ initial = 10ms, max = 10ms }");
  }

  private static Status awaitLinks(TestServer server) {
    return server.await(
        "each worker has a link to each other one",
        status ->
            status.workers().size() == WORKERS
                && status.allReady()
                && status.workers().stream().allMatch(MeshIT::isLinked));
  }

  private static boolean isLinked(Status.Worker worker) {
    Status.Mesh mesh = worker.mesh();
    return mesh.links() == WORKERS - 1
        && mesh.sent() >= WORKERS - 1
        && mesh.received() >= WORKERS - 1
        && mesh.waitingBytes() == 0;
  }

  private static Map<String, Long> descriptors(long pid) {
    try {
      return Procs.descriptors(pid);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void eachWorkerHasALinkToEachOtherThroughDeathsAndReloadsAndNoDescriptorIsLeftOpen()
      throws Exception {
    TestServer server = server().start();
    long manager = awaitLinks(server).pid();
    Status before = killAndReload(server, 0); // what is opened once for good is open now
    server.openForReaders();
    Map<String, Long> managers = descriptors(manager);
    Map<String, Long> workers = descriptors(before.worker(0).pid());
    for (int slot = 1; slot < WORKERS; slot++) {
      long last = killAndReload(server, slot).worker(0).pid();
      Wait.until(
          "the manager has no more open than before: " + managers,
          () -> descriptors(manager),
          managers::equals);
      Wait.until(
          "a worker has no more open than others before: " + workers,
          () -> descriptors(last),
          workers::equals);
    }
    assertThat(server.status().workers()).allMatch(worker -> worker.mesh().dropped() == 0);
  }

  /** Kills one of the workers, and then has all of them replaced. */
  private static Status killAndReload(TestServer server, int slot) throws Exception {
    Status before = server.status();
    Procs.signal("KILL", before.worker(slot).pid());
    server.await("it is dead", s -> s.total("workerDeaths") == before.total("workerDeaths") + 1);
    awaitLinks(server);
    assertThat(server.ask("reload").exit()).isZero();
    server.await("it serves", status -> status.generation() == before.generation() + 1);
    return awaitLinks(server);
  }

  @Test
  void aWorkerThatIsStoppedDoesNotKeepANewOneFromServing() throws Exception {
    TestServer server = server().configure("fleet.hang-timeout", "off").start();
    Status first = awaitLinks(server);
    long stopped = first.worker(0).pid();
    Procs.stop(stopped);
    try {
      Procs.signal("KILL", first.worker(1).pid());
      server.await(
          "another one serves",
          status -> status.total("workerDeaths") == 1 && status.worker(1).isReady());
      server.awaitWorkerLog(1, "there is no word from worker 0 of generation 1");
    } finally {
      Procs.signal("CONT", stopped);
    }
    awaitLinks(server);
  }
}
