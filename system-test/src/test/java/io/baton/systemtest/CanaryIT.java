package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.systemtest.MovingModule.Mood;
import io.baton.testing.Nightly;
import io.baton.testing.server.Command;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Code that cannot go on with the sessions there are is not deployed, and nobody notices. */
@SuppressWarnings("NullAway.Init")
class CanaryIT {
  private static final int CLIENTS = 30;

  @RegisterExtension static final Servers SERVERS = Servers.perClass();
  private static TestServer server;
  private static int loop;
  private static int virtual;

  private String good;
  private int generation;
  private Streams onLoop;
  private Streams onVirtual;
  private Streams others;

  @BeforeAll
  static void start() throws Exception {
    server =
        SERVERS
            .create()
            // Within which a worker without a processor has to have tried all its sessions.
            .configure("fleet.drain-timeout", "15s")
            .configure("fleet.resume-timeout", "3s")
            .configure("fleet.dump-grace", "1s");
    loop = server.listen("picky", "picky");
    virtual = server.listen("patient", "picky");
    server.configure("listeners.patient.lane", "virtual");
    ModuleJar.install(server, MovingModule.class, Map.of());
    server.start();
  }

  @BeforeEach
  void connect() throws Exception {
    good = Files.readString(server.conf);
    generation = server.status().generation();
    onLoop = new Streams(loop, CLIENTS);
    onVirtual = new Streams(virtual, CLIENTS);
    others = new Streams(server.echo, CLIENTS);
    awaitAnswers();
  }

  private void awaitAnswers() throws Exception {
    onLoop.awaitAnswers();
    onVirtual.awaitAnswers();
    others.awaitAnswers();
  }

  @AfterEach
  void leave() throws Exception {
    Files.writeString(server.conf, good);
    onLoop.close();
    onVirtual.close();
    others.close();
    server.await("they have left", s -> s.listener("echo").open() == 0);
    if (server.status().generation() != generation) {
      // What was deployed has moods of its own, which the next test does not reckon with.
      assertThat(Moved.by(server, "reload").closed()).isZero();
    }
  }

  private void assertAllServed() throws Exception {
    awaitAnswers();
    onLoop.assertUnharmed();
    onVirtual.assertUnharmed();
    others.assertUnharmed();
  }

  private Command.Result assertRefused(String... reasons) throws Exception {
    Status before = server.status();
    Command.Result reload = server.ask("reload");
    assertThat(reload.exit()).as(reload.out() + reload.err()).isEqualTo(1);
    assertThat(reload.out()).isEmpty();
    assertThat(reload.err())
        .contains(reasons)
        .contains("generation " + before.generation() + " goes on");
    Status after = server.status();
    assertThat(after.pids()).isEqualTo(before.pids());
    assertThat(after.generation()).isEqualTo(before.generation());
    server.awaitLog(reasons);
    return reload;
  }

  @ParameterizedTest
  @EnumSource(names = {"THROWS", "LACKS_A_CLASS"})
  void codeThatCannotGoOnWithSessionsIsNotDeployed(Mood resumed) throws Exception {
    String what =
        resumed == Mood.THROWS
            ? "java.lang.IllegalStateException: saved by a version that nobody knows"
            : "java.lang.NoClassDefFoundError: io/baton/systemtest/NotInTheJar";
    long errors = server.status().total("errors");
    server.configure("modules.moving.resumed", resumed);
    assertRefused(what, "io.baton.systemtest.MovingModule$", "of test.jar");
    assertAllServed();
    assertThat(server.status().total("errors")).isEqualTo(errors);
    server.awaitOnlyFilesOf(server.status().generation());
    server.visitWeb();
  }

  @ParameterizedTest
  @CsvSource({"picky, patient, has not answered", "patient, picky, has not returned"})
  void codeThatHangsWithASessionIsNotDeployed(String hanging, String lane, String said)
      throws Exception {
    // Only the sessions of one of the two are there, so that it is its lane that hangs.
    Streams gone = hanging.equals("picky") ? onVirtual : onLoop;
    gone.close();
    server.await("they have left", s -> s.listener(lane).open() == 0);
    server.configure("modules.moving.resumed", Mood.HANGS);
    assertRefused(said, "resume-timeout", hanging);
    Streams left = hanging.equals("picky") ? onLoop : onVirtual;
    left.awaitAnswers();
    left.assertUnharmed();
    server.awaitOnlyFilesOf(server.status().generation());
  }

  @Test
  void sessionsThatCannotGoOnWhereOthersCanAreCountedWithTheReasonAndAnExitStatusOfTheirOwn()
      throws Exception {
    server.configure("modules.moving.resumed", Mood.THROWS_AT_SOME);
    Command.Result reload = server.script("reload");
    assertThat(reload.exit()).as(reload.out() + reload.err()).isEqualTo(4);
    Moved moved = Moved.parse(reload.out());
    assertThat(moved.closed()).isEqualTo(2 * CLIENTS / MovingModule.SOME);
    assertThat(moved.migrated()).isEqualTo(3 * CLIENTS - moved.closed());
    assertThat(reload.out())
        .contains(
            moved.closed()
                + " sessions could not go on: java.lang.IllegalStateException:"
                + " this one is odd (io.baton.systemtest.MovingModule$Mood of test.jar)");
    others.awaitAnswers();
    others.assertUnharmed();
  }

  @Tag(Nightly.ONLY)
  @Test
  void codeThatCannotSaveKeepsItsSessionsAndTheReloadFails() throws Exception {
    server.configure("modules.moving.save", Mood.THROWS);
    assertThat(Moved.by(server, "reload").closed()).isZero();
    assertRefused("java.lang.IllegalStateException: saved by", "of test.jar");
    assertAllServed();

    server.configure("modules.moving.save", Mood.GOOD).configure("fleet.canary", 0);
    Command.Result reload = server.ask("reload");
    assertThat(reload.exit()).as("it is deployed all the same").isEqualTo(4);
    assertThat(reload.out())
        .contains("closed: ", "of picky, cannot be saved for", "60 sessions could not");
  }
}
