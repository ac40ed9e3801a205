package io.baton.manager.process;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.config.Configuration;
import io.baton.config.Settings;
import io.baton.credentials.Credentials;
import io.baton.credentials.InstanceSecret;
import io.baton.credentials.ServerSecrets;
import io.baton.manager.fleet.Effect;
import io.baton.manager.fleet.Event;
import io.baton.manager.fleet.Generation;
import io.baton.manager.fleet.TestSettings;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Ping;
import io.baton.posix.Epoll;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.posix.SocketPair;
import io.baton.service.Peer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, which only do not speak: a shell script stands in for {@code java}. */
class WorkerProcessesTest {
  private static final long WORKER = 1;
  private static final long PIPE = 100;
  private static final long PROCESS = 200;

  @TempDir private Path dir;
  private Epoll epoll;
  private SocketPair client;
  private @Nullable Deployment deployment;
  private final List<Event> events = new ArrayList<>();

  @BeforeEach
  void open() throws PosixException {
    epoll = new Epoll(8);
    client = SocketPair.open();
  }

  @AfterEach
  void close() {
    epoll.close();
    client.ours().close();
    client.theirs().close();
    if (deployment != null) {
      deployment.sent().values().forEach(Fd::close);
    }
  }

  private WorkerProcesses spawned(String script) throws Exception {
    Path java = Files.writeString(dir.resolve("java"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
    Settings settings = TestSettings.settings("worker.java = \"" + java + "\"", dir);
    WorkerProcesses processes =
        new WorkerProcesses(
            WorkerOutputFiles.files(dir),
            epoll,
            worker -> PIPE + worker,
            worker -> PROCESS + worker,
            made -> events.add(made.get()),
            ServerSecrets.of(InstanceSecret.in(dir), 0),
            (_, _, _, _) -> {
              throw new AssertionError("nobody gives anything");
            });
    Generation generation = Generation.first(settings);
    GenerationFiles files =
        GenerationFiles.pin(
            dir, 1, Files.createDirectories(dir.resolve("lib")), dir.resolve("none"));
    Configuration configuration = new Configuration(settings, "{}", Credentials.NONE);
    deployment =
        Deployment.of(generation, configuration, new Launcher(settings, dir, files, false), files);
    processes.deploy(deployment);
    processes.spawn(new Effect.Spawn(WORKER, 0, 1));
    assertThat(events).hasSize(1).first().isInstanceOf(Event.Spawned.class);
    events.clear();
    return processes;
  }

  private void awaitItsEnd() throws PosixException {
    int ready;
    do {
      ready = epoll.await(1_000);
    } while (ready == 0 || epoll.data(0) != PROCESS + WORKER);
  }

  private static Handoff handoff(long id) {
    return new Handoff(id, 0, new Peer.Unix(1, 0), HandoffKind.FRESH);
  }

  @Test
  void aWorkerHasNoVariableOfOursThatIsNotAllowed() throws Exception {
    Path seen = dir.resolve("seen");
    WorkerProcesses processes = spawned("env > " + seen);
    awaitItsEnd();
    processes.ended(WORKER);
    List<String> names =
        Files.readAllLines(seen).stream().map(line -> line.replaceAll("=.*", "")).toList();
    List<String> shells = List.of("PWD", "OLDPWD", "SHLVL", "_"); // the shell's that is a worker
    assertThat(names)
        .contains("PATH")
        .allMatch(name ->
            shells.contains(name)
                || WorkerEnvironment.of(Map.of(name, ""), List.of()).withheld().isEmpty());
  }

  @Test
  void aClientSentToAWorkerThatHasJustDiedIsStillOurs() throws Exception {
    WorkerProcesses processes = spawned("echo its last words; exit 7");
    awaitItsEnd();
    Fd descriptor = client.ours();
    processes.place(WORKER, handoff(5), List.of(descriptor));
    processes.sendPlaced();
    assertThat(events).as("its death is not known yet, and its pipe takes the client").isEmpty();
    processes.ended(WORKER);
    assertThat(events)
        .containsExactly(new Event.Died(WORKER, false, "exited with 7", "its last words\n"));
    assertThat(descriptor.isOpen()).isTrue();
    events.clear();
    processes.place(WORKER, handoff(5), List.of(descriptor));
    assertThat(events).containsExactly(new Event.Blocked(WORKER, 5));
  }

  @Test
  void whatAWorkerHasNotReceivedIsTakenBackAndItsPipeIsFreeAgain() throws Exception {
    WorkerProcesses processes = spawned("exec sleep 600");
    processes.tell(WORKER, new Ping(1));
    processes.place(WORKER, handoff(5), List.of(client.ours()));
    processes.place(WORKER, handoff(6), List.of(client.theirs()));
    processes.sendPlaced();
    assertThat(events).isEmpty();
    processes.recall(WORKER);
    assertThat(events)
        .containsExactly(new Event.Recalled(WORKER, 5), new Event.Recalled(WORKER, 6));
    events.clear();
    // The Hello, which this one never received either, waits to be said again; the ping does not.
    assertThat(epoll.await(10_000)).isEqualTo(1);
    assertThat(epoll.data(0)).isEqualTo(PIPE + WORKER);
    processes.pipeReady(WORKER, epoll.ready(0));
    processes.place(WORKER, handoff(7), List.of(client.ours()));
    processes.sendPlaced();
    assertThat(events).isEmpty();
    processes.kill(WORKER, Effect.How.KILL);
    awaitItsEnd();
    processes.ended(WORKER);
    assertThat(events).containsExactly(new Event.Died(WORKER, false, "was killed by SIGKILL", ""));
  }

  @Test
  void moreClientsThanAPacketHoldsAreAllSentInTheirOrder() throws Exception {
    WorkerProcesses processes = spawned("exec sleep 600");
    int many = 2 * io.baton.pipe.Message.MAX_HANDOFFS + 1;
    List<Event> recalled = new ArrayList<>();
    for (int id = 1; id <= many; id++) {
      processes.place(WORKER, handoff(id), List.of(client.ours()));
      recalled.add(new Event.Recalled(WORKER, id));
    }
    processes.sendPlaced();
    assertThat(events).isEmpty();
    processes.recall(WORKER);
    assertThat(events).isEqualTo(recalled);
    assertThat(epoll.await(10_000)).isEqualTo(1); // the Hello waits to be said again
    processes.pipeReady(WORKER, epoll.ready(0));
    processes.kill(WORKER, Effect.How.KILL);
    awaitItsEnd();
    processes.ended(WORKER);
  }

  @Test
  void aCommandThatIsNotThereIsNoWorker() throws Exception {
    assertThat(dir.resolve("java")).doesNotExist();
    WorkerProcesses processes = spawned("exit 0");
    awaitItsEnd();
    processes.ended(WORKER);
    events.clear();
    Files.delete(dir.resolve("java"));
    processes.spawn(new Effect.Spawn(2, 0, 1));
    assertThat(events)
        .containsExactly(
            new Event.SpawnFailed(
                2,
                "could not be started: posix_spawn %s: No such file or directory (ENOENT)"
                    .formatted(dir.resolve("java"))));
  }

  @Test
  void aForgottenGenerationIsGoneFromDisk() throws Exception {
    WorkerProcesses processes = spawned("exit 0");
    awaitItsEnd();
    processes.ended(WORKER);
    assertThat(dir.resolve("generation-1")).exists();
    processes.forget(1);
    processes.forget(1);
    Deployment gone = requireNonNull(deployment);
    assertThat(gone.sent().values()).noneMatch(Fd::isOpen);
    gone.files().remove();
    assertThat(dir.resolve("generation-1")).doesNotExist();
    assertThatThrownBy(() -> processes.spawn(new Effect.Spawn(2, 0, 1)))
        .hasMessage("generation 1 is not deployed");
  }

  @Test
  void aClientForAListenerThatTheGenerationLacksIsOurOwnMistake() throws Exception {
    WorkerProcesses processes = spawned("exec sleep 600");
    Handoff nowhere = new Handoff(5, 3, new Peer.Unix(1, 0), HandoffKind.FRESH);
    assertThatThrownBy(() -> processes.place(WORKER, nowhere, List.of(client.ours())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("generation 1 has no listener 3");
    processes.kill(WORKER, Effect.How.KILL);
    awaitItsEnd();
    processes.ended(WORKER);
  }
}
