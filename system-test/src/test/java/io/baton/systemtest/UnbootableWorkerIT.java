package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.systemtest.ScriptedWorker.Script;
import io.baton.testing.Nightly;
import io.baton.testing.server.Command;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Workers that cannot come up: at first, which is the server's failure, and later, which is not.
 */
class UnbootableWorkerIT {
  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server ->
          server
              .configure("fleet.backoff", "{ initial = 50ms, max = 200ms, stable-after = 1s }")
              .configure("fleet.breaker", "{ failures = 3, retry = 2s }")
              .launchReal(0));

  /** Why a worker does not come up, and what the operator reads about it. */
  enum Cause {
    IT_EXITS("out of luck"),
    IT_SAYS_SO("the script says so"),
    IT_IS_OUT_OF_MEMORY("OutOfMemoryError"),
    IT_IS_KILLED("SIGKILL"),
    IT_IS_NEVER_READY("start-timeout"),
    ITS_JAVA_IS_NOT_THERE("127");

    final String told;

    Cause(String told) {
      this.told = told;
    }

    void applyTo(TestServer server) throws IOException {
      switch (this) {
        case IT_EXITS -> server.launch(0, Script.EXITS_AT_ONCE);
        case IT_SAYS_SO -> server.launch(0, Script.FAILS);
        // A JVM without room for the AOT cache's objects ends earlier, with words of its own.
        case IT_IS_OUT_OF_MEMORY -> server.launch(0, "heap='-Xmx2m -XX:AOTMode=off'");
        case IT_IS_KILLED -> server.launch(0, "kill -KILL $$");
        case IT_IS_NEVER_READY -> server.launch(0, Script.NEVER_READY);
        case ITS_JAVA_IS_NOT_THERE -> server.launch(0, "exec /nowhere/java");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWorkerThatCannotComeUpAtFirstIsTheServersFailure(Cause cause) throws Exception {
    TestServer server = SERVERS.create().configure("workers", 1);
    if (cause == Cause.IT_IS_NEVER_READY) {
      server.configure("fleet.start-timeout", "2s");
    }
    cause.applyTo(server);
    assertDoesNotStart(server, cause.told);
  }

  @Test
  void aModuleThatThrowsAtFirstIsTheServersFailure() throws Exception {
    TestServer server = SERVERS.create();
    Path modules = Files.createDirectory(server.directory.resolve("modules"));
    Files.copy(TestServer.HOME.resolve("modules/examples.jar"), modules.resolve("examples.jar"));
    ModuleJar.write(modules.resolve("throwing.jar"), ThrowingModule.class, Map.of());
    server.configure("modules-dir", "\"" + modules + "\"");
    assertDoesNotStart(server, "the database is on fire");
  }

  private static void assertDoesNotStart(TestServer server, String told) throws Exception {
    Command.Result start = server.script("start");
    assertThat(start.exit()).isEqualTo(1);
    assertThat(start.out()).isEmpty();
    assertThat(start.errLines())
        .singleElement()
        .asString()
        .startsWith("bin/start: ")
        .contains(told);
    server.assertNothingIsLeft();
    assertThatThrownBy(server::web).isInstanceOf(ConnectException.class);
  }

  @Tag(Nightly.ONLY)
  @ParameterizedTest
  @EnumSource(names = {"IT_SAYS_SO", "IT_IS_OUT_OF_MEMORY"})
  void aWorkerThatCannotComeUpLaterForOtherReasonsIsTriedAgainToo(Cause cause) throws Exception {
    assertTriedAgain(cause);
  }

  @Test
  void aWorkerThatCannotComeUpLaterIsTriedAgainWithBackOffWhileTheOthersServe() throws Exception {
    assertTriedAgain(Cause.IT_EXITS);
  }

  private static void assertTriedAgain(Cause cause) throws Exception {
    TestServer server = SERVERS.running();
    cause.applyTo(server);
    Procs.signal("KILL", server.status().worker(0).pid());

    Status broken = server.await("the slot is broken", s -> s.worker(0).state().equals("broken"));
    assertThat(broken.worker(0).problem()).contains(cause.told);
    assertThat(broken.total("workerDeaths")).isGreaterThanOrEqualTo(3);
    assertThat(broken.ready()).isTrue();
    server.awaitLog("slot is broken after", cause.told);
    // The one attempt in each retry makes it something else for a moment.
    Wait.until(
        "the status says so",
        () -> server.ask("status").out(),
        table ->
            table.contains("broken")
                && table.contains("! worker 0: ")
                && table.contains(cause.told));
    for (Client guest : server.guests(10)) {
      guest.close();
    }
    assertThat(server.http("/readyz").code()).isEqualTo(200);

    server.launchReal(0);
    server.awaitAllReady();
    server.await("its failures are forgotten", s -> s.worker(0).problem() == null);
    long taken = server.status().worker(0).taken();
    server.visitUntil("it takes clients again", s -> s.worker(0).taken() > taken);
  }
}
