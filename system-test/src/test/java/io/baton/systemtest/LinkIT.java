package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.credentials.CredentialFiles;
import io.baton.credentials.TestFiles;
import io.baton.link.Ending;
import io.baton.link.Link;
import io.baton.link.LinkException;
import io.baton.link.LinkSession;
import io.baton.link.Option;
import io.baton.link.core.LinkCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Clients of Link and the services that they may open, through whatever becomes of the workers. */
class LinkIT {
  private static final int SESSIONS = 8;

  @TempDir private static Path dir;
  private static int port;
  private static int secret;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        ModuleJar.install(server, LinkModule.class, Map.of(), LinkWords.class);
        port = LinkTalk.listen(server, "link", services());
        secret = LinkTalk.listen(server, "secret", "service = questions");
        server
            .configure(
                "listeners.link-unix",
                "{ endpoint = \"unix:link.sock\", codec = link, service = questions }")
            .configure(
                "listeners.secret.tls.certificates", "[" + TestFiles.identity("ec", dir) + "]");
        TestFiles.put("authority.pem", dir);
      });

  private static String services() throws Exception {
    return """
    services {
      questions = questions
      "numbers/1" = numbers
      denying = denying
      elsewhere = { service = questions, allow = ["192.0.2.0/24"] }
      tokens = { service = questions, token-files = ["%s", "%s"] }
      members = { service = principal, authenticator = names }
    }\
    """
        .formatted(token("current"), token("former"));
  }

  /** Writes a file with a token, which is its name and "-token-of-this-test". */
  private static Path token(String name) throws Exception {
    Path file = Files.writeString(dir.resolve(name), name + "-token-of-this-test\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private static String at(String service) {
    return "tcp://127.0.0.1:" + port + "/" + service;
  }

  private static LinkTalk talk(Option... options) throws LinkException {
    return new LinkTalk(at("questions"), options);
  }

  private static List<LinkTalk> talks() throws Exception {
    List<LinkTalk> all = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      all.add(talk());
    }
    return all;
  }

  private static void close(Iterable<LinkTalk> all) throws Exception {
    for (LinkTalk each : all) {
      each.close();
    }
  }

  private static void assertRefused(LinkCode code, String where, Option... options) {
    assertThatThrownBy(() -> new LinkTalk(where, options))
        .isInstanceOfSatisfying(
            LinkException.class, e -> assertThat(e.code()).as("%s", e).isEqualTo(code.number()));
  }

  // ---- where and what ----

  @Test
  void aClientIsServedOverTcpUnixAndTls() throws Exception {
    TestServer server = SERVERS.running();
    Option trust =
        Link.tls(
            TlsStreams.context(
                CredentialFiles.authorities(dir.resolve("authority.pem")).getFirst()));
    for (String where :
        List.of(
            at("questions"),
            "unix://" + server.runDir.resolve("link.sock") + "?service=questions",
            "tls://localhost:" + secret + "/questions")) {
      try (LinkTalk talk = new LinkTalk(where, trust)) {
        assertThat(talk.asks("count")).as(where).isEqualTo("1");
        assertThat(talk.asks("peer"))
            .as(where)
            .startsWith(where.startsWith("unix") ? "unix:" : "tcp:");
        assertThat(server.ask("reload").exit()).isZero();
        assertThat(talk.asks("count")).as(where).isEqualTo("3");
      }
    }
    assertThat(server.status().total("errors")).isZero();
  }

  @Test
  void aClientIsToldTheServicesThatItMayOpen() throws Exception {
    var _ = SERVERS.running();
    assertThat(Link.services(at("")))
        .containsExactlyInAnyOrder("questions", "numbers/1", "denying", "tokens", "members");
  }

  @Test
  void aClientIsRefusedWhatItMayNotOpen() throws Exception {
    TestServer server = SERVERS.running();
    assertRefused(LinkCode.UNKNOWN_SERVICE, at("nothing"));
    assertRefused(LinkCode.FORBIDDEN, at("elsewhere"));
    LinkTalk denied = new LinkTalk(at("denying"));
    assertThat(denied.ending())
        .isEqualTo(new Ending(LinkCode.DENIED_BY_SERVICE.number(), "", false));
    assertThat(server.status().total("errors")).isZero();
  }

  @Test
  void aServiceWithTokensIsOpenedWithTheCurrentOrTheFormerOne() throws Exception {
    TestServer server = SERVERS.running();
    for (String valid : List.of("current", "former")) {
      Option token = LinkTalk.token(valid + "-token-of-this-test");
      try (LinkTalk talk = new LinkTalk(at("tokens"), token)) {
        assertThat(talk.asks("count")).isEqualTo("1");
      }
    }
    assertRefused(LinkCode.FORBIDDEN, at("tokens"), LinkTalk.token("next-token-of-this-test"));
    assertRefused(LinkCode.FORBIDDEN, at("tokens"));
    // A client with a token does not believe a server that has none.
    assertRefused(
        LinkCode.FORBIDDEN, at("questions"), LinkTalk.token("current-token-of-this-test"));
    assertThat(server.status().total("errors")).isZero();
  }

  @Test
  void anAuthenticatorDecidesOnCredentialsAndItsPrincipalGoesWithTheSession() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkTalk alice = new LinkTalk(at("members"), LinkTalk.credential("alice"))) {
      assertThat(alice.asks("who")).isEqualTo("alice for members");
      assertThat(Moved.by(server, "reload").migrated()).isEqualTo(1);
      assertThat(alice.asks("who")).isEqualTo("alice for members");
    }
    assertRefused(LinkCode.FORBIDDEN, at("members"), LinkTalk.credential("mallory"));
    assertRefused(LinkCode.FORBIDDEN, at("members"));
    assertRefused(
        LinkCode.RETRY_LATER,
        at("members"),
        LinkTalk.credential("busy"),
        Link.connectTimeout(Duration.ofMillis(500)));
    server.await(
        "they are counted", s -> s.total("authenticationsAccepted") == 1 && s.total("errors") == 0);
  }

  // ---- how sessions end ----

  @Test
  void theClientIsToldWithWhichCodeAServiceClosesItsSession() throws Exception {
    TestServer server = SERVERS.running();
    LinkTalk talk = talk();
    talk.says("count");
    talk.says("close 300 enough of this");
    assertThat(talk.ending()).isEqualTo(new Ending(300, "enough of this", false));
    assertThat(talk.next()).isEqualTo("1");
    assertThat(talk.session().state()).isEqualTo(LinkSession.State.CLOSED);
    server.awaitQuiet();
    assertThat(server.status().total("errors")).isZero();
  }

  @Test
  void aServiceThatThrowsEndsItsOwnSessionWithAnError() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkTalk other = talk()) {
      LinkTalk talk = talk();
      talk.says("throw");
      assertThat(talk.ending().code()).isEqualTo(LinkCode.ERROR.number());
      assertThat(other.asks("count")).isEqualTo("1");
    }
    server.await("it is counted", s -> s.total("errors") == 1);
  }

  @Test
  void aKilledWorkersSessionsAreLostAtOnceAndNoOthers() throws Exception {
    TestServer server = SERVERS.running();
    List<LinkTalk> all = talks();
    long killed = server.status().worker(0).pid();
    List<LinkTalk> its = new ArrayList<>();
    for (LinkTalk each : all) {
      if (each.pid() == killed) {
        its.add(each);
      }
    }
    assertThat(its).isNotEmpty().hasSizeLessThan(all.size());
    Procs.signal("KILL", killed);
    for (LinkTalk each : its) {
      Ending end = each.ending();
      assertThat(end.isLost()).as("%s", end).isTrue();
      assertThat(end.code()).as("%s", end).isEqualTo(LinkCode.NO_SUCH_SESSION.number());
    }
    all.removeAll(its);
    for (LinkTalk each : all) {
      assertThat(each.asks("count")).isEqualTo("2");
    }
    close(all);
  }

  @Test
  void aStoppedServerTellsItsClientsSo() throws Exception {
    TestServer server = SERVERS.running();
    List<LinkTalk> all = talks();
    for (LinkTalk each : all) {
      assertThat(each.asks("count")).isEqualTo("1");
    }
    server.stop();
    for (LinkTalk each : all) {
      assertThat(each.ending().code()).isEqualTo(LinkCode.SHUTDOWN.number());
    }
  }

  // ---- how they go on ----

  @Test
  void sessionsMoveWithTheirStateWhenTheServerIsReloaded() throws Exception {
    TestServer server = SERVERS.running();
    List<LinkTalk> all = talks();
    for (int i = 1; i <= 3; i++) {
      for (LinkTalk each : all) {
        assertThat(each.asks("count")).isEqualTo(String.valueOf(i));
      }
      Moved moved = Moved.by(server, i == 2 ? "recycle" : "reload");
      assertThat(moved.migrated()).isEqualTo(all.size());
      assertThat(moved.closed()).isZero();
    }
    assertThat(server.status().total("errors")).isZero();
    close(all); // none was away
  }

  @Test
  void aSessionWhoseClientIsGoneIsAwayAndMovesAndIsFoundAgain() throws Exception {
    TestServer server = SERVERS.running();
    try (CuttingProxy proxy = new CuttingProxy(port);
        LinkTalk talk = new LinkTalk("tcp://127.0.0.1:" + proxy.port() + "/questions")) {
      assertThat(talk.asks("count")).isEqualTo("1");
      proxy.refuse(true);
      proxy.cut();
      assertThat(talk.next()).isEqualTo("away");
      assertThat(talk.session().state()).isEqualTo(LinkSession.State.AWAY);
      Status status = server.await("it is away", s -> s.total("away") == 1);
      assertThat(status.listener("link").open()).isZero();
      talk.says("count");
      assertThat(Moved.by(server, "reload").closed()).isZero();
      server.await("it is still away", s -> s.isSettled() && s.total("away") == 1);
      proxy.refuse(false);
      assertThat(talk.next()).isEqualTo("back");
      assertThat(talk.next()).isEqualTo("2");
      status = server.await("it is back", s -> s.total("away") == 0);
      assertThat(status.total("lost")).isPositive();
      assertThat(status.total("resumed")).isEqualTo(1);
    }
  }
}
