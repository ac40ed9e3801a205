package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Command;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code bin/session}, which shows one session whichever worker has it. */
class SessionIT {
  private static final String UNKNOWN = "0123456789abcdef0123456789abcdef";

  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        ModuleJar.install(server, LinkModule.class, Map.of(), LinkWords.class);
        port =
            LinkTalk.listen(
                server,
                "link",
                "services { questions = questions, members = { service = principal,"
                    + " authenticator = names } }, awaits-return = 1h");
        server.configure("fleet.hang-timeout", "off");
      });

  private static String at(int where, String service) {
    return "tcp://127.0.0.1:" + where + "/" + service;
  }

  private static String id(LinkTalk talk) {
    return talk.session().id().toString();
  }

  private static Map<String, @Nullable Object> json(TestServer server, String id) throws Exception {
    Client.Answer answer = server.http("/sessions/" + id);
    assertThat(answer.code()).as(answer.body()).isEqualTo(200);
    return Json.object(answer.body());
  }

  @Test
  void anOpenSessionIsShownAlsoAfterItHasMoved() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkTalk talk = new LinkTalk(at(port, "members"), LinkTalk.credential("alice"))) {
      assertThat(talk.asks("who")).isEqualTo("alice for members");
      Command.Result shown = server.script("session", id(talk));
      assertThat(shown.exit()).as(shown.toString()).isZero();
      assertThat(shown.out())
          .startsWith("session " + id(talk) + "\n\n  listener     link\n  service      members\n")
          .containsPattern("  worker       [01] \\(pid \\d+, generation 1\\)\n")
          .containsPattern("  peer         tcp:127\\.0\\.0\\.1:\\d+\n")
          .contains("  principal    alice\n")
          .containsPattern("  state        open for \\d")
          .contains("  unprocessed  0 messages\n");
      assertThat(Moved.by(server, "reload").migrated()).isEqualTo(1);
      Map<String, @Nullable Object> json = json(server, id(talk));
      assertThat(json.get("state")).isEqualTo("open");
      assertThat(json.get("graceSeconds")).isNull();
      assertThat(json.get("worker")).asString().contains("generation=2");
      assertThat(server.ask("session", id(talk), "--json").out()).contains("\"alice\"");
    }
  }

  @Test
  void aSessionWhoseClientIsAwayIsShownWithTheRestOfItsTime() throws Exception {
    TestServer server = SERVERS.running();
    try (CuttingProxy proxy = new CuttingProxy(port);
        LinkTalk talk = new LinkTalk(at(proxy.port(), "questions"))) {
      long pid = talk.pid();
      proxy.refuse(true);
      proxy.cut();
      server.await("the session is away", s -> s.total("away") == 1);
      Map<String, @Nullable Object> json = json(server, id(talk));
      assertThat(json.get("state")).isEqualTo("away");
      assertThat(json.get("service")).isEqualTo("questions");
      assertThat(((Number) Objects.requireNonNull(json.get("graceSeconds"))).doubleValue())
          .isBetween(1.0, 3_600.0);
      assertThat(json.get("worker")).asString().contains("pid=" + pid);
      assertThat(server.ask("session", id(talk)).out())
          .containsPattern(
              "state        away for \\d.*, ends in \\d.* unless its client comes back");
      proxy.refuse(false);
      talk.awaits("back");
    }
  }

  @Test
  void aSessionThatNoWorkerHasIsUnknown() throws Exception {
    TestServer server = SERVERS.running();
    Command.Result unknown = server.script("session", UNKNOWN);
    assertThat(unknown.exit()).isEqualTo(1);
    assertThat(unknown.out()).isEmpty();
    assertThat(unknown.err())
        .isEqualTo("bin/session: no worker has a session %s%n".formatted(UNKNOWN));
    Command.Result malformed = server.ask("session", "x4711");
    assertThat(malformed.exit()).isEqualTo(2);
    assertThat(malformed.err()).contains("found \"x4711\", allowed the number of a session");
    assertThat(server.http("/sessions/" + UNKNOWN).code()).isEqualTo(404);
    assertThat(server.http("/sessions/x4711").code()).isEqualTo(400);
  }

  @Test
  void aWorkerThatDoesNotAnswerIsNamed() throws Exception {
    TestServer server = SERVERS.running();
    long stopped = server.status().worker(1).pid();
    Procs.stop(stopped);
    Command.Result unanswered = server.ask("session", UNKNOWN);
    assertThat(unanswered.exit()).isEqualTo(1);
    assertThat(unanswered.err())
        .matches(
            Pattern.compile(
                "bin/session: no worker that answers has a session "
                    + UNKNOWN
                    + "; not answered within 2 s: worker 1 \\(pid "
                    + stopped
                    + ", generation \\d+\\)\\s*"));
    assertThat(server.http("/sessions/" + UNKNOWN).code()).isEqualTo(503);
    Procs.signal("CONT", stopped);
    Wait.until("it answers again", () -> server.http("/sessions/" + UNKNOWN).code() == 404);
  }
}
