package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.core.LinkCode;
import io.baton.systemtest.LinkAskPeer.Kind;
import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Questions of Link in both directions: each ends once on both sides, whatever happens. */
class LinkAskIT {
  private static final int SESSIONS = 4;
  private static final int CUTS = Nightly.of(1_000, 15);
  private static final int OPEN = 20;

  /** Frames with questions are short. */
  private static final LinkFrames.Span SPAN = new LinkFrames.Span(60, 20);

  @TempDir private static Path dir;
  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        Path journal = Files.writeString(dir.resolve("journal"), "");
        ModuleJar.install(
            server,
            LinkAsksModule.class,
            Map.of(LinkAsksModule.JOURNAL, journal.toString()),
            LinkWords.class,
            LinkModule.class,
            LinkAskPeer.class);
        port = LinkTalk.listen(server, "link", "service = asks");
        server
            .configure("workers", SESSIONS)
            // A reload waits for a handshake whose client is gone and that nobody ends.
            .configure("listener-defaults.header-timeout", "3s");
      });

  /** The server of a test, whose service has noted nothing yet. */
  private static TestServer running() throws Exception {
    TestServer server = SERVERS.running();
    Files.writeString(dir.resolve("journal"), "");
    return server;
  }

  private static LinkAskNotes services() throws Exception {
    return new LinkAskNotes(Files.readAllLines(dir.resolve("journal")));
  }

  private static LinkAskNotes clients(List<LinkAskClient> all) {
    List<String> notes = new ArrayList<>();
    all.forEach(each -> notes.addAll(each.notes()));
    return new LinkAskNotes(notes);
  }

  private static List<LinkAskClient> clients(int port) throws Exception {
    List<LinkAskClient> all = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      all.add(new LinkAskClient("tcp://127.0.0.1:" + port + "/asks", String.valueOf(i)));
    }
    return all;
  }

  /** All questions have ended on both sides, once and in the same way. */
  private static void assertEachEndedOnce(List<LinkAskClient> all, String as) throws Exception {
    LinkAskNotes service = Wait.until(as, LinkAskIT::services, LinkAskNotes::isComplete);
    LinkAskNotes client = Wait.until(as, () -> clients(all), LinkAskNotes::isComplete);
    client.assertEndedOnce(service, as);
    service.assertEndedOnce(client, as);
    client.assertAnsweredOnce(as);
    service.assertAnsweredOnce(as);
    assertThat(client.asked()).as(as).isPositive();
    assertThat(service.asked()).as(as).isEqualTo(client.asked());
  }

  @Test
  void eachQuestionEndsOnceOnBothSidesOverCutsReloadsCancelsAndTimeouts() throws Exception {
    TestServer server = running();
    long seed = Seeds.one(LinkAskIT.class);
    String as = "seed " + seed;
    try (LinkProxy proxy =
            new LinkProxy(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CUTS, seed, SPAN);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<LinkAskClient> all = clients(proxy.port());
      List<Future<?>> rounds = new ArrayList<>();
      AtomicInteger moves = new AtomicInteger();
      for (int i = 0; i < SESSIONS; i++) {
        LinkAskClient client = all.get(i);
        Random random = new Random(seed + i);
        rounds.add(
            threads.submit(() -> {
              do {
                for (CompletableFuture<LinkWords> each : client.round(random)) {
                  var _ = each.handle((_, _) -> "ended").get(2, TimeUnit.MINUTES);
                }
              } while (proxy.cuts() < CUTS || moves.get() < 2);
              return null;
            }));
      }
      while (moves.get() < 2 || rounds.stream().anyMatch(each -> !each.isDone())) {
        Moved moved = Moved.by(server, moves.getAndIncrement() % 2 == 0 ? "reload" : "recycle");
        assertThat(moved.closed()).as("%s: %s", as, moved).isZero();
      }
      for (Future<?> each : rounds) {
        each.get();
      }
      proxy.calm();
      assertThat(proxy.cuts()).as(as).isGreaterThanOrEqualTo(CUTS);
      for (LinkAskClient each : all) {
        each.close();
      }
      assertEachEndedOnce(all, as);
    }
    assertThat(server.awaitQuiet().total("errors")).isZero();
  }

  /** Leaves many questions without an answer in both directions. */
  private static List<CompletableFuture<LinkWords>> leaveOpen(LinkAskClient client)
      throws Exception {
    List<CompletableFuture<LinkWords>> own = new ArrayList<>();
    for (int i = 0; i < OPEN; i++) {
      own.add(client.asks(Kind.NEVER));
      client.isAsked(Kind.NEVER);
    }
    Wait.until(
        "all have been asked",
        () -> client.notes().stream().filter(each -> each.startsWith("asked ")).count() == OPEN);
    return own;
  }

  @Test
  void openQuestionsEndOnceWithTheSessionWhicheverSideClosesIt() throws Exception {
    TestServer server = running();
    List<LinkAskClient> all = clients(port);
    for (LinkAskClient each : all) {
      leaveOpen(each);
    }
    all.get(0).close();
    all.get(1).says("close 301 the service has enough");
    all.get(2).session().close(302, "the client has enough");
    all.get(3).close();
    int[] codes = {LinkCode.BYE.number(), 301, 302, LinkCode.BYE.number()};
    for (int i = 0; i < SESSIONS; i++) {
      assertThat(all.get(i).ending().code()).isEqualTo(codes[i]);
    }
    assertEachEndedOnce(all, "closed");
    for (int i = 0; i < SESSIONS; i++) {
      String code = codes[i] + " ";
      assertThat(clients(all).end(i + ".c1")).startsWith(code);
      assertThat(services().end(i + ".s2")).startsWith(code);
    }
    assertThat(server.awaitQuiet().total("errors")).isZero();
  }

  @Test
  void openQuestionsOfLostSessionsEndOnceWhenTheirWorkerIsKilled() throws Exception {
    TestServer server = running();
    List<LinkAskClient> all = clients(port);
    long killed = all.getFirst().pid();
    List<LinkAskClient> its = new ArrayList<>();
    for (LinkAskClient each : all) {
      if (each.pid() == killed) {
        its.add(each);
      }
    }
    for (LinkAskClient each : all) {
      leaveOpen(each);
    }
    Procs.signal("KILL", killed);
    for (LinkAskClient each : its) {
      assertThat(each.ending().isLost()).isTrue();
    }
    LinkAskNotes lost = Wait.until("they end", () -> clients(its), LinkAskNotes::isComplete);
    lost.assertEndedOnce(services(), "killed");
    lost.assertAnsweredOnce("killed");
    assertThat(lost.asked()).isEqualTo(its.size() * OPEN);
    assertThat(lost.end("0.c1")).startsWith(LinkCode.NO_SUCH_SESSION.number() + " ");
    all.removeAll(its);
    assertThat(all).isNotEmpty();
    for (LinkAskClient each : all) {
      var _ = each.asks(Kind.NOW).get(1, TimeUnit.MINUTES); // it has not ended
      each.close();
    }
    Wait.until("theirs end", () -> clients(all), LinkAskNotes::isComplete);
    server.await("the worker is replaced", Status::isSettled);
  }
}
