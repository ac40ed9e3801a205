package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Command;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code bin/check}, {@code bin/sessions}, {@code bin/logs}, {@code bin/top} and their JSON. */
class OperatorCommandsIT {
  private static final Pattern ROW = Pattern.compile("(?m)^ *(\\d+)  echo +- +tcp:127");

  @RegisterExtension static final Servers SERVERS = Servers.shared(_ -> {});

  private static List<Map<String, @Nullable Object>> sessions(TestServer server, String... filter)
      throws Exception {
    String[] words = Stream.concat(Stream.of("--json"), Stream.of(filter)).toArray(String[]::new);
    Command.Result listed = server.script("sessions", words);
    assertThat(listed.exit()).as(listed.toString()).isZero();
    return Status.objects(Json.object(listed.out()), "sessions");
  }

  @Test
  @SuppressWarnings("try") // a client closes early
  void sessionsOfAllWorkersAreListedAndOneIsEnded() throws Exception {
    TestServer server = SERVERS.running();
    try (Client one = server.echo();
        Client two = server.echo();
        Client local = server.local()) {
      assertThat(one.echo("a")).isEqualTo("a");
      assertThat(two.echo("b")).isEqualTo("b");
      assertThat(local.echo("c")).isEqualTo("c");
      Command.Result table = server.script("sessions", "--listener", "echo");
      assertThat(table.exit()).as(table.toString()).isZero();
      assertThat(table.out())
          .contains("ID  LISTENER", "open", "2 sessions\n")
          .doesNotContain("local");
      Matcher row = ROW.matcher(table.out());
      assertThat(row.find()).isTrue();
      String id = row.group(1);
      assertThat(server.script("session", id).out()).startsWith("session " + id + "\n");
      Command.Result closed = server.script("sessions", "--close", id);
      assertThat(closed.exit()).as(closed.toString()).isZero();
      assertThat(closed.out()).startsWith("session " + id + " of tcp:127").endsWith("is ended\n");
      assertThat(one.readAll()).as("the older one ends").isEmpty();
      one.close(); // until then it is there, and ending
      Wait.until("it is gone", () -> server.ask("session", id).exit() == 1);
      assertThat(two.echo("d")).isEqualTo("d");
      server.awaitLog("session " + id + " of tcp:127", "bin/sessions --close");
      Command.Result again = server.script("sessions", "--close", id);
      assertThat(again.exit()).isEqualTo(1);
      assertThat(again.err()).isEqualTo("bin/sessions: no worker has a session %s%n".formatted(id));
    }
  }

  @Test
  void onlySessionsThatMatchAreInTheJson() throws Exception {
    TestServer server = SERVERS.running();
    try (Client tcp = server.echo();
        Client local = server.local()) {
      assertThat(tcp.echo("a")).isEqualTo("a");
      assertThat(local.echo("b")).isEqualTo("b");
      assertThat(sessions(server, "--peer", "127.0.0.0/8", "--state", "open"))
          .singleElement()
          .satisfies(session -> assertThat(session).containsEntry("listener", "echo"));
      assertThat(sessions(server, "--listener", "local")).hasSize(1);
      assertThat(sessions(server, "--older", "1h")).isEmpty();
      assertThat(sessions(server, "--principal", "alice")).isEmpty();
      assertThat(sessions(server, "--limit", "1")).hasSize(1);
    }
    for (String option : List.of("--peer", "--state", "--older", "--limit")) {
      Command.Result wrong = server.script("sessions", option, "0x");
      assertThat(wrong.exit()).as(wrong.toString()).isEqualTo(2);
      assertThat(wrong.err()).contains(option);
    }
  }

  @Test
  void whatThereIsNotIsRefusedWithWhatIsAllowed() throws Exception {
    TestServer server = SERVERS.running();
    Command.Result listener = server.script("sessions", "--listener", "ecko");
    assertThat(listener.exit()).as(listener.toString()).isEqualTo(2);
    assertThat(listener.out()).isEmpty();
    assertThat(listener.err())
        .isEqualTo(
            "bin/sessions: --listener: found \"ecko\", allowed echo, local, web%n".formatted());
    Command.Result json = server.script("sessions", "--json", "--listener", "ecko");
    assertThat(Json.object(json.out()))
        .containsEntry("result", "failed")
        .containsEntry("status", 2);
    assertThat(server.script("sessions", "--listener", "local").exit()).isZero();
    Command.Result close = server.script("sessions", "--close", "first");
    assertThat(close.exit()).isEqualTo(2);
    assertThat(close.err()).contains("found \"first\", allowed the number of a session");
    Command.Result both = server.script("sessions", "--close", "1", "--listener", "echo");
    assertThat(both.exit()).isEqualTo(2);
    assertThat(both.err()).contains("--close and --listener exclude each other");
    assertThat(server.script("recycle", "300").exit()).isEqualTo(2);
    Command.Result logs = server.script("logs", "--worker", "7");
    assertThat(logs.exit()).isEqualTo(2);
    assertThat(logs.err()).contains("--worker: found 7, allowed 0, 1: these have logs in ");
  }

  @Test
  void aConfigurationIsCheckedWithoutAServer() throws Exception {
    TestServer none = SERVERS.create();
    Command.Result valid = none.script("check");
    assertThat(valid.exit()).as(valid.toString()).isZero();
    assertThat(valid.out()).contains("is valid: 3 listeners, 2 workers, 0 certificates");
    none.configure("workers", "many").configure("colour", "red");
    Command.Result wrong = none.script("check");
    assertThat(wrong.exit()).isEqualTo(1);
    assertThat(wrong.err())
        .contains("2 mistakes", "found \"many\"", "colour")
        .containsPattern("baton\\.conf:\\d+: ");
    Map<String, @Nullable Object> json = Json.object(none.script("check", "--json").out());
    assertThat(json).containsEntry("valid", false);
    assertThat((List<?>) Objects.requireNonNull(json.get("mistakes"))).hasSize(2);
    assertThat(none.runDir).doesNotExist();
  }

  @Test
  void whatListenersNameIsCheckedByAWorkerThatServesNobody() throws Exception {
    TestServer none = SERVERS.create();
    Command.Result valid = none.script("check", "--modules");
    assertThat(valid.exit()).as(valid.toString()).isZero();
    none.configure("listeners.echo.service", "ecko")
        .configure(
            "listeners.more", "{ endpoint = \"unix:more.sock\", codec = line, service = echo }");
    assertThat(none.script("check").exit()).as("its code was not run").isZero();
    Command.Result wrong = none.script("check", "--modules");
    assertThat(wrong.exit()).isEqualTo(1);
    assertThat(wrong.err())
        .contains("2 mistakes", "found the unknown service ecko, allowed ", "for codec line, which")
        .containsPattern("baton\\.conf:\\d+: baton\\.listeners\\.echo\\.service: ")
        .containsPattern("baton\\.conf:\\d+: baton\\.listeners\\.more\\.service: ");
    assertThat(none.runDir).doesNotExist();
  }

  @Test
  void logsOfAllProcessesAreShownTogether() throws Exception {
    TestServer server = SERVERS.running();
    Command.Result all = server.script("logs", "--since", "1h");
    assertThat(all.exit()).as(all.toString()).isZero();
    assertThat(all.out()).contains(" manager[", " worker-0[", " worker-1[");
    assertThat(all.out().lines().map(line -> line.substring(0, 23)))
        .as("times of entries")
        .isSorted();
    Command.Result one = server.script("logs", "--worker", "1", "-n", "1");
    assertThat(one.out().lines()).singleElement().asString().contains(" worker-1[");
    Files.createDirectories(SERVERS.create().logDir);
    Command.Result none = SERVERS.create().script("logs");
    assertThat(none.exit()).isEqualTo(1);
    assertThat(none.err()).contains("there are no log files");
  }

  @Test
  void theLiveViewPrintsOnceWithoutATerminal() throws Exception {
    TestServer server = SERVERS.running();
    Command.Result once = server.script("top");
    assertThat(once.exit()).as(once.toString()).isZero();
    assertThat(once.out())
        .contains("WORKER", "MSG/S", "ready", "LISTENER", "echo")
        .doesNotContain("\033");
    Map<String, @Nullable Object> json = Json.object(server.script("top", "--json").out());
    assertThat(Status.objects(json, "workers"))
        .hasSize(2)
        .allSatisfy(worker -> assertThat(worker).containsKeys("slot", "messagesPerSecond"));
  }

  @Test
  void commandsSayWhatTheyHaveDoneAsJson() throws Exception {
    TestServer server = SERVERS.running();
    assertThat(Json.object(server.script("recycle", "--json", "1").out()))
        .containsEntry("command", "recycle")
        .containsEntry("result", "done")
        .containsKeys("generation", "ended", "migrated", "closed", "seconds", "details", "text");
    Command.Result failed = server.script("session", "--json", "4711");
    assertThat(failed.exit()).isEqualTo(1);
    assertThat(Json.object(failed.out()))
        .containsEntry("result", "failed")
        .containsEntry("error", "no worker has a session 4711");
  }
}
