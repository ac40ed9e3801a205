package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.service.SessionKey;
import io.baton.testing.Nightly;
import java.net.http.HttpClient;
import java.net.http.WebSocketHandshakeException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
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
  private static final int SERVICE_UNAVAILABLE = 503;

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

  /** One client, on one connection after the other, and the numbers that it has seen. */
  private static final class Counting implements AutoCloseable {
    private Dialogue dialogue;
    private String ticket;
    private long last;
    private long count;
    private long pid;

    Counting() throws Exception {
      dialogue = Dialogue.with(http, site.webSocket("/counter/socket"), "baton.resume");
      ticket = welcome(false);
      message();
    }

    private String welcome(boolean resumed) throws Exception {
      Map<String, @Nullable Object> welcome = Json.object(dialogue.heardText());
      assertThat(welcome).containsEntry("resumed", resumed).containsEntry("awaits", 60);
      return Objects.requireNonNull((String) welcome.get("baton.resume"));
    }

    /** Hears the next message, whose number follows. */
    private void message() throws Exception {
      Map<String, @Nullable Object> next = Json.object(dialogue.heardText());
      assertThat(number(next, "number")).isEqualTo(last + 1);
      last++;
      count = number(next, "count");
      pid = number(next, "pid");
    }

    private static long number(Map<String, @Nullable Object> of, String name) {
      return ((Number) Objects.requireNonNull(of.get(name))).longValue();
    }

    void adds() throws Exception {
      long before = count;
      dialogue.say("add");
      while (count == before) {
        message();
      }
      assertThat(count).isEqualTo(before + 1);
    }

    /**
     * Comes back over another connection.
     *
     * @param cut whether the former is gone, and does not only seem to be
     */
    void returns(boolean cut) throws Exception {
      Dialogue former = dialogue;
      if (cut) {
        former.close();
      }
      dialogue = connect(ticket + "." + last);
      ticket = welcome(true);
      former.close();
      adds();
    }

    /** Tries again for as long as the server asks for it. */
    private static Dialogue connect(String offer) {
      while (true) {
        try {
          return offer(offer);
        } catch (CompletionException e) {
          assertThat(status(e)).isEqualTo(SERVICE_UNAVAILABLE);
        }
      }
    }

    private static Dialogue offer(String offer) {
      return Dialogue.with(
          http, site.webSocket("/counter/socket"), "baton.resume", "baton.resume." + offer);
    }

    /** Ends the session, which would wait for it else. */
    @Override
    public void close() {
      dialogue.leave();
    }
  }

  private static int status(Throwable failure) {
    assertThat(failure).hasCauseInstanceOf(WebSocketHandshakeException.class);
    Throwable cause = Objects.requireNonNull(failure.getCause());
    return ((WebSocketHandshakeException) cause).getResponse().statusCode();
  }

  private static List<Counting> clients(int number) throws Exception {
    List<Counting> all = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      all.add(new Counting());
    }
    return all;
  }

  @Test
  void everyClientGoesOnWithItsSessionHoweverOftenItsConnectionIsCut() throws Exception {
    TestServer server = SERVERS.running();
    List<Counting> all = clients(CLIENTS);
    Set<Long> workers = new HashSet<>();
    for (int i = 0; i < RETURNS; i++) {
      for (Counting each : all) {
        long before = each.pid;
        each.returns((i + all.indexOf(each)) % 3 != 0);
        assertThat(each.pid).isEqualTo(before);
        workers.add(each.pid);
      }
    }
    assertThat(workers).hasSize(WORKERS);
    Status status = server.status();
    assertThat(status.total("found")).isPositive().isEqualTo(status.total("sought"));
    assertThat(status.total("errors")).isZero();
    all.forEach(Counting::close);
  }

  @Test
  void everyClientGoesOnWithItsSessionWhileTheServerIsReloaded() throws Exception {
    TestServer server = SERVERS.running();
    List<Counting> all = clients(CLIENTS);
    try (ExecutorService reloading = Executors.newSingleThreadExecutor()) {
      for (int i = 0; i < RELOADS; i++) {
        Future<Moved> reload = reloading.submit(() -> Moved.by(server, "reload"));
        do {
          for (Counting each : all) {
            each.returns((all.indexOf(each) + i) % 3 != 0);
          }
        } while (!reload.isDone());
        assertThat(reload.get().closed()).isZero();
      }
    }
    assertThat(server.status().total("errors")).isZero();
    all.forEach(Counting::close);
  }

  @Test
  void aClientThatIsNoPageIsToldByTheStatusThatThereIsNoSuchSession() throws Exception {
    TestServer server = SERVERS.running();
    try (Counting client = new Counting()) {
      String[] parts = client.ticket.split("\\.", -1);
      SessionKey genuine = SessionKey.parse(parts[0]).orElseThrow();
      SessionKey forged = new SessionKey(genuine.high() ^ 1, genuine.low());
      for (String wrong :
          List.of(forged + "." + parts[1], parts[0] + "." + "A".repeat(22), "nonsense")) {
        assertThatThrownBy(() -> Counting.offer(wrong))
            .satisfies(e -> assertThat(status(e)).isEqualTo(404));
      }
      client.adds(); // and does not notice
      client.returns(true);
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
    Counting client = new Counting();
    Dialogue former = client.dialogue;
    Dialogue next = Counting.offer(client.ticket + "." + client.last);
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
