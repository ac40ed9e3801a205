package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** However a worker ends, the manager's log says why. */
class WorkerEndIT {
  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        server.configure("workers", 1).launchReal(0);
        port = server.listen("ending", "ending");
        ModuleJar.install(server, EndingModule.class, Map.of());
      });

  /** What ends a worker. */
  private interface Ending {
    void of(long pid) throws Exception;
  }

  /** Returns what is logged of it, once another worker is in its place. */
  private static String logOf(TestServer server, Ending ending) throws Exception {
    long pid = server.status().worker(0).pid();
    ending.of(pid);
    server.await("another worker in its place", s -> s.allReady() && s.worker(0).pid() != pid);
    return server.log();
  }

  private static void say(String what) throws Exception {
    try (Client client = Client.tcp(port)) {
      client.send(what);
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void whoCalledExitIsNamed() throws Exception {
    TestServer server = SERVERS.running();
    assertThat(logOf(server, _ -> say(EndingModule.EXIT)))
        .contains("exited with 7: System.exit(7) was called by ", "EndingModule.received(");
    assertThat(server.logDir.resolve("worker-0.out.1")).content().contains("\tat ");
  }

  @Test
  void theErrorOfAJvmOutOfMemoryIsTold() throws Exception {
    assertThat(logOf(SERVERS.running(), _ -> say(EndingModule.EXHAUST)))
        .contains("exited with 3: java.lang.OutOfMemoryError: Java heap space");
  }

  @Test
  void aCrashIsToldAndItsReportIsWithTheLogs() throws Exception {
    TestServer server = SERVERS.running();
    long pid = server.status().worker(0).pid();
    assertThat(logOf(server, crashing -> Procs.signal("SEGV", crashing)))
        .contains("was killed by SIGABRT: the JVM crashed: SIGSEGV (0xb)");
    Path report = server.logDir.resolve("hs_err-worker-0-" + pid + ".log");
    assertThat(report).content().contains("SIGSEGV");
    Files.delete(report);
  }
}
