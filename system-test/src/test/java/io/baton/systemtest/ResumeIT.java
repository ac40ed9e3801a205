package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.service.SessionKey;
import io.baton.testing.Nightly;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * WebSockets whose connections are cut and that go on with their sessions, with a client that
 * nobody here wrote: the JDK's.
 */
@SuppressWarnings("NullAway.Init")
class ResumeIT {
  private static final int WORKERS = 4;

  /** One more than a multiple of the workers: the next connection is another worker's. */
  private static final int CLIENTS = Nightly.of(201, 13);

  private static final int RETURNS = Nightly.of(50, 5);
  private static final int RELOADS = Nightly.of(20, 2);

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        site = Site.of(server);
        server.configure("workers", WORKERS).configure("listeners.site.placement", "round-robin");
      });

  private static Site site;
  private static HttpClient http;

  @BeforeAll
  static void openClient() {
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  static void closeClient() {
    http.close();
  }

  /**
   * Has a client come back over another connection.
   *
   * @param cut whether the former is gone, and does not only seem to be
   */
  private static void returns(CountingClient client, boolean cut) throws Exception {
    if (cut) {
      client.dialogue().close();
    }
    client.returns(site);
  }

  private static List<CountingClient> clients(int number) throws Exception {
    List<CountingClient> all = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      all.add(new CountingClient(http, site));
    }
    return all;
  }

  @Test
  void everyClientGoesOnWithItsSessionHoweverOftenItsConnectionIsCut() throws Exception {
    TestServer server = SERVERS.running();
    List<CountingClient> all = clients(CLIENTS);
    Set<Long> workers = new HashSet<>();
    for (int i = 0; i < RETURNS; i++) {
      for (CountingClient each : all) {
        long before = each.pid();
        returns(each, (i + all.indexOf(each)) % 3 != 0);
        assertThat(each.pid()).isEqualTo(before);
        workers.add(each.pid());
      }
    }
    assertThat(workers).hasSize(WORKERS);
    Status status = server.status();
    assertThat(status.total("found")).isPositive().isEqualTo(status.total("sought"));
    assertThat(status.total("errors")).isZero();
    all.forEach(CountingClient::close);
  }

  @Test
  void everyClientGoesOnWithItsSessionWhileTheServerIsReloaded() throws Exception {
    TestServer server = SERVERS.running();
    List<CountingClient> all = clients(CLIENTS);
    try (ExecutorService reloading = Executors.newSingleThreadExecutor()) {
      for (int i = 0; i < RELOADS; i++) {
        Future<Moved> reload = reloading.submit(() -> Moved.by(server, "reload"));
        do {
          for (CountingClient each : all) {
            returns(each, (all.indexOf(each) + i) % 3 != 0);
          }
        } while (!reload.isDone());
        assertThat(reload.get().closed()).isZero();
      }
    }
    assertThat(server.status().total("errors")).isZero();
    all.forEach(CountingClient::close);
  }

  @Test
  void aClientThatIsNoPageIsToldByTheStatusThatThereIsNoSuchSession() throws Exception {
    TestServer server = SERVERS.running();
    try (CountingClient client = new CountingClient(http, site)) {
      String[] parts = client.ticket().split("\\.", -1);
      SessionKey genuine = SessionKey.parse(parts[0]).orElseThrow();
      SessionKey forged = new SessionKey(genuine.high() ^ 1, genuine.low());
      for (String wrong :
          List.of(forged + "." + parts[1], parts[0] + "." + "A".repeat(22), "nonsense")) {
        assertThatThrownBy(() -> CountingClient.offer(http, site, wrong))
            .satisfies(e -> assertThat(CountingClient.status(e)).isEqualTo(404));
      }
      client.adds(); // and does not notice
      returns(client, true);
    }
    assertThat(server.status().total("errors")).isZero();
  }

  @Test
  void aPageIsToldByACloseCode() throws Exception {
    TestServer server = SERVERS.running();
    assertThat(server.status().total("errors")).isZero();
    Dialogue page =
        Dialogue.ofPage(http, site.page(), site.webSocket("/counter/socket"), "nonsense");
    assertThat(page.heard()).isEqualTo("close 4404 no such session");
    page.close();
    CountingClient client = new CountingClient(http, site);
    Dialogue former = client.dialogue();
    Dialogue next = CountingClient.offer(http, site, client.ticket() + "." + client.last());
    String heard = former.heard();
    while (heard.startsWith("text")) {
      heard = former.heard();
    }
    assertThat(heard).isEqualTo("close 4409 another connection took this session");
    next.leave();
  }

  @Test
  void aConnectionOnWhichNothingWasSaidYetMovesAndIsServed() throws Exception {
    TestServer server = SERVERS.running();
    try (Client client = Client.tcp(site.port())) {
      server.await("it is taken", s -> s.workers().stream().anyMatch(w -> w.connections() == 1));
      Moved moved = Moved.by(server, "reload");
      assertThat(moved.migrated()).isEqualTo(1);
      assertThat(moved.closed()).isZero();
      client.send("GET /hello HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
      assertThat(client.readAll()).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void aClientThatDoesNotOfferToComeBackGetsAnOrdinaryWebSocket() throws Exception {
    var _ = SERVERS.running();
    try (Dialogue client = Dialogue.with(http, site.webSocket("/counter/socket"))) { // no key
      assertThat(client.socket().getSubprotocol()).isEmpty();
      assertThat(client.heardText()).startsWith("{\"number\":1,");
    }
    try (Dialogue client = Dialogue.with(http, site.webSocket("/echo"), "baton.resume")) {
      assertThat(client.heardText())
          .isEqualTo("{\"baton.resume\":null,\"resumed\":false,\"awaits\":0}");
      assertThat(client.say("hi").heardText()).isEqualTo("hi");
    }
  }
}
