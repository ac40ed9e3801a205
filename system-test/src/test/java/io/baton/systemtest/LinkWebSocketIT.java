package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.Ending;
import io.baton.link.LinkException;
import io.baton.link.LinkSession;
import io.baton.link.core.LinkCode;
import io.baton.testing.Nightly;
import io.baton.testing.server.Ports;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Link in the messages of WebSockets, on a route of an http listener. */
class LinkWebSocketIT {
  private static final int SESSIONS = 8;
  private static final int CUTS = Nightly.of(40, 8);

  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        ModuleJar.install(server, LinkModule.class, Map.of(), LinkWords.class);
        port = Ports.free(1).getFirst();
        server.configure(
            "listeners.link-web",
            """
            { endpoint = "tcp://127.0.0.1:%d", codec = http, placement = round-robin, routes {
              "/link" = { codec = link, services {
                questions = questions
                elsewhere = { service = questions, allow = ["192.0.2.0/24"] }
                members = { service = principal, authenticator = names }
              } }
              "/one" = { codec = link, service = questions }
            } }
            """
                .formatted(port));
      });

  private static WebSocketBridge bridge(String path) throws Exception {
    return new WebSocketBridge(URI.create("ws://127.0.0.1:%d%s".formatted(port, path)));
  }

  @Test
  void sessionsMoveWithTheirStateWhenTheServerIsReloaded() throws Exception {
    TestServer server = SERVERS.running();
    try (WebSocketBridge bridge = bridge("/link")) {
      List<LinkTalk> all = new ArrayList<>();
      for (int i = 0; i < SESSIONS; i++) {
        all.add(new LinkTalk(bridge.at("questions")));
      }
      for (int i = 1; i <= 3; i++) {
        for (LinkTalk each : all) {
          assertThat(each.asks("count")).isEqualTo(String.valueOf(i));
        }
        Moved moved = Moved.by(server, i == 2 ? "recycle" : "reload");
        assertThat(moved.migrated()).isEqualTo(all.size());
        assertThat(moved.closed()).isZero();
      }
      assertThat(bridge.lastClose()).isZero();
      for (LinkTalk each : all) {
        each.close(); // none was away
      }
      assertThat(server.status().total("errors")).isZero();
    }
  }

  @Test
  void aSessionIsFoundInWhicheverWorkerItIs() throws Exception {
    TestServer server = SERVERS.running();
    try (WebSocketBridge bridge = bridge("/link");
        LinkTalk talk = new LinkTalk(bridge.at("questions"))) {
      long pid = talk.pid();
      for (int i = 2; i <= CUTS; i++) {
        bridge.cut();
        talk.awaits("back");
        assertThat(talk.asks("count")).isEqualTo(String.valueOf(i));
      }
      assertThat(talk.pid()).isEqualTo(pid);
      Status status = server.await("all returns are reported", s -> s.total("resumed") == CUTS - 1);
      assertThat(status.total("found")).isPositive().isEqualTo(status.total("sought"));
      assertThat(status.total("errors")).isZero();
    }
  }

  @Test
  void aSessionWhoseClientIsGoneIsAwayAndMovesAndIsFoundAgain() throws Exception {
    TestServer server = SERVERS.running();
    try (WebSocketBridge bridge = bridge("/link");
        LinkTalk talk = new LinkTalk(bridge.at("questions"))) {
      assertThat(talk.asks("count")).isEqualTo("1");
      bridge.refuse(true);
      bridge.cut();
      assertThat(talk.next()).isEqualTo("away");
      assertThat(talk.session().state()).isEqualTo(LinkSession.State.AWAY);
      server.await("it is away", s -> s.total("away") == 1);
      talk.says("count");
      assertThat(Moved.by(server, "reload").closed()).isZero();
      server.await("it is still away", s -> s.isSettled() && s.total("away") == 1);
      bridge.refuse(false);
      assertThat(talk.next()).isEqualTo("back");
      assertThat(talk.next()).isEqualTo("2");
      server.await("it is back", s -> s.total("away") == 0);
    }
  }

  @Test
  void theStatusCountsSessionsByTheirRouteAndService() throws Exception {
    TestServer server = SERVERS.running();
    List<LinkTalk> all = new ArrayList<>();
    try (WebSocketBridge link = bridge("/link");
        WebSocketBridge one = bridge("/one")) {
      all.add(new LinkTalk(link.at("questions")));
      all.add(new LinkTalk(one.at("questions")));
      server.await(
          "they are counted",
          status ->
              status.sessions("link-web", "/link questions") == 1
                  && status.sessions("link-web", "/one questions") == 1);
      for (LinkTalk each : all) {
        each.close();
      }
    }
  }

  @Test
  void aClientIsRefusedInLinksWords() throws Exception {
    TestServer server = SERVERS.running();
    try (WebSocketBridge bridge = bridge("/link")) {
      for (String service : List.of("elsewhere", "members", "nothing")) {
        LinkCode code = service.equals("nothing") ? LinkCode.UNKNOWN_SERVICE : LinkCode.FORBIDDEN;
        assertThatThrownBy(() -> new LinkTalk(bridge.at(service)))
            .isInstanceOfSatisfying(
                LinkException.class, e -> assertThat(e.code()).isEqualTo(code.number()));
        Wait.until("the WebSocket is closed", () -> bridge.lastClose() == 1000);
      }
      try (LinkTalk alice = new LinkTalk(bridge.at("members"), LinkTalk.credential("alice"))) {
        assertThat(alice.asks("who")).isEqualTo("alice for members");
        bridge.cut();
        alice.awaits("back");
        assertThat(alice.asks("who")).isEqualTo("alice for members");
      }
    }
    assertThat(server.status().total("errors")).isZero();
  }

  @Test
  void aStoppedServerTellsItsClientsSo() throws Exception {
    TestServer server = SERVERS.running();
    try (WebSocketBridge bridge = bridge("/link")) {
      LinkTalk talk = new LinkTalk(bridge.at("questions"));
      assertThat(talk.asks("count")).isEqualTo("1");
      server.stop();
      Ending end = talk.ending();
      assertThat(end.code()).as("%s", end).isEqualTo(LinkCode.SHUTDOWN.number());
    }
  }
}
