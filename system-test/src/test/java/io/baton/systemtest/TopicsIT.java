package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import io.baton.testing.server.Ports;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sessions of several workers that publish and subscribe. */
class TopicsIT {
  private static final int WORKERS = 4;
  private static final int CLIENTS = Nightly.of(500, 200);
  private static final int RELOADS = Nightly.of(30, 2);

  @RegisterExtension final Servers servers = Servers.perTest();

  private static URI rooms(TestServer server) throws IOException {
    int port = Ports.free(1).getFirst();
    server.configure(
        "listeners.rooms",
        "{ endpoint = \"tcp://127.0.0.1:%d\", codec = http, routes { \"/chat\" = { codec = websocket, service = chat } } }"
            .formatted(port));
    return URI.create("ws://127.0.0.1:%d/chat".formatted(port));
  }

  @Test
  void whatIsSaidInARoomReachesAllOnceHoweverOftenTheyMove() throws Exception {
    TestServer server = servers.create().configure("workers", WORKERS);
    URI rooms = rooms(server);
    server.start();
    try (RoomCrowd crowd = new RoomCrowd(rooms, CLIENTS)) {
      crowd.awaitAnswers();
      for (int i = 0; i < RELOADS; i++) {
        Moved moved = Moved.by(server, "reload");
        assertThat(moved.migrated()).isGreaterThanOrEqualTo(CLIENTS);
        assertThat(moved.closed()).isZero();
        crowd.awaitAnswers();
      }
      crowd.finishAll();
      crowd.assertUnharmed();
      assertThat(crowd.lists()).as("answers that named all in a room, each once").isPositive();
    }
    assertThat(server.status().total("workerDeaths")).isZero();
    String metrics = server.http("/metrics").body();
    assertThat(metrics)
        .containsPattern("baton_topics_published_total\\{slot=\"\\d\"} [1-9]")
        .containsPattern("baton_topics_delivered_total\\{slot=\"\\d\"} [1-9]")
        .containsPattern("baton_topics_missed_total\\{cause=\"move\",slot=\"\\d\"} 0")
        .doesNotContainPattern("baton_topics_missed_total\\{[^}]*} [1-9]");
  }
}
