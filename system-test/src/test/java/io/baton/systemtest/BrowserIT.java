package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.credentials.TestFiles;
import io.baton.testing.Nightly;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The pages of the examples in a real browser. */
@SuppressWarnings("NullAway.Init")
class BrowserIT {
  private static final int CUTS = Nightly.of(20, 4);
  private static final int CUTS_A_RELOAD = Nightly.of(4, 2);

  @TempDir private static Path certificates;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        site = Site.of(server);
        encrypted = Site.of(server, "encrypted");
        server.configure(
            "listeners.encrypted.tls.certificates",
            "[" + TestFiles.identity("ec", certificates) + "]");
      });

  private static Site site;
  private static Site encrypted;
  @TempDir private Path directory;

  private static long number(Browser browser, String id) throws Exception {
    String text = browser.text(id);
    return text.matches("\\d+") ? Long.parseLong(text) : -1;
  }

  private static void awaitConnected(Browser browser) {
    Wait.until("the page is connected", () -> browser.text("state"), "connected"::equals);
  }

  @Test
  void thePageShowsWhichWorkerServesItAndCountsOn() throws Exception {
    Shell.need("thePageShowsWhichWorkerServesItAndCountsOn", "chromium");
    TestServer server = SERVERS.running();
    try (Browser browser = new Browser(directory).open(site.page())) {
      awaitConnected(browser);
      long pid = number(browser, "pid");
      assertThat(server.status().workers()).extracting(Status.Worker::pid).contains(pid);
      Wait.until("it counts", () -> number(browser, "count") >= 2);

      browser.ask("document.getElementById('ping').click()");
      String answered = "ping answered by " + pid + " in ";
      Wait.until("the ping", () -> browser.text("events"), text -> text.contains(answered));
      assertThat(browser.text("events")).contains("connected to " + pid).doesNotContain("lost");
      assertThat(browser.text("reconnects")).isEqualTo("0");
      assertThat(browser.text("moves")).isEqualTo("0");
    }
  }

  @Test
  void aPageOfAnotherHostGetsNoWebSocket() throws Exception {
    Shell.need("aPageOfAnotherHostGetsNoWebSocket", "chromium");
    TestServer server = SERVERS.running();
    try (Browser browser = new Browser(directory).open(site.page())) {
      awaitConnected(browser);
      assertThat(server.status().total("deniedOrigins")).isZero();
      String elsewhere = site.webSocket("/pulse").toString().replace("127.0.0.1", "localhost");
      browser.ask(
          "(() => { window.end = ''; const socket = new WebSocket('%s'); ".formatted(elsewhere)
              + "socket.onopen = () => window.end = 'opened'; "
              + "socket.onerror = () => window.end = 'refused'; })()");
      Wait.until("an answer", () -> browser.ask("window.end"), "refused"::equals);
      server.await("it is counted", s -> s.total("deniedOrigins") == 1);
      assertThat(server.http("/metrics").body())
          .contains("baton_websocket_origins_denied_total 1.0");
      String port = ":" + site.page().getPort();
      String line =
          "a page of http://127.0.0.1%s may not open a WebSocket at localhost%s"
              .formatted(port, port);
      Wait.until("a worker says so", server::workerLogs, logs -> logs.contains(line));
    }
  }

  @Test
  void aPageWhoseWorkerDiesSaysSoAndConnectsAgain() throws Exception {
    Shell.need("aPageWhoseWorkerDiesSaysSoAndConnectsAgain", "chromium");
    TestServer server = SERVERS.running();
    try (Browser browser = new Browser(directory).open(site.page())) {
      awaitConnected(browser);
      long pid = number(browser, "pid");
      Procs.signal("KILL", pid);

      Wait.until("it reconnects", () -> number(browser, "reconnects") >= 1);
      Wait.until("another worker serves it", () -> number(browser, "pid"), other -> other != pid);
      awaitConnected(browser);
      assertThat(browser.text("events")).contains("lost " + pid);
    }
    server.awaitAllReady();
  }

  @Test
  void aPageStaysConnectedThroughReloads() throws Exception {
    Shell.need("aPageStaysConnectedThroughReloads", "chromium");
    TestServer server = SERVERS.running();
    assertStaysConnected(server, site.page(), Nightly.of(5, 2));
  }

  @Tag(Nightly.ONLY)
  @Test
  void anEncryptedPageStaysConnectedThroughReloads() throws Exception {
    Shell.need("anEncryptedPageStaysConnectedThroughReloads", "chromium");
    TestServer server = SERVERS.running();
    assertStaysConnected(server, encrypted.encryptedPage(), Nightly.of(3, 1));
  }

  private void assertStaysConnected(TestServer server, URI page, int reloads) throws Exception {
    try (Browser browser = new Browser(directory).open(page)) {
      awaitConnected(browser);
      watch(browser, "count");
      for (int reload = 1; reload <= reloads; reload++) {
        long pid = number(browser, "pid");
        long count = number(browser, "count");
        assertThat(Moved.by(server, "reload").closed()).isZero();
        int moves = reload;
        Wait.until("it has moved", () -> number(browser, "moves") == moves);
        Wait.until("it counts on", () -> number(browser, "count") > count);
        assertThat(number(browser, "pid")).isNotEqualTo(pid);
      }
      assertThat(browser.text("state")).isEqualTo("connected");
      assertThat(browser.text("reconnects")).isEqualTo("0");
      assertThat(browser.text("moves")).isEqualTo(String.valueOf(reloads));
      assertThat(browser.text("events")).doesNotContain("lost");
      assertThat(browser.ask("window.wentBack")).isEqualTo("0");
    }
  }

  /** Sees every change of a number, also those between two looks from here. */
  private static void watch(Browser browser, String id) throws Exception {
    browser.ask(
        "(() => { const counter = document.getElementById('%s'); let last = -1; ".formatted(id)
            + "window.wentBack = 0; new MutationObserver(() => { "
            + "const now = Number(counter.textContent); if (now < last) window.wentBack++; "
            + "last = now; }).observe(counter, "
            + "{ childList: true, characterData: true, subtree: true }); })()");
  }

  @Test
  void aPageComesBackToItsSessionHoweverOftenItsConnectionIsCut() throws Exception {
    Shell.need("aPageComesBackToItsSessionHoweverOftenItsConnectionIsCut", "chromium");
    assertComesBack(SERVERS.running(), site, "http");
  }

  @Tag(Nightly.ONLY)
  @Test
  void anEncryptedPageComesBackToItsSession() throws Exception {
    Shell.need("anEncryptedPageComesBackToItsSession", "chromium");
    assertComesBack(SERVERS.running(), encrypted, "https");
  }

  private void assertComesBack(TestServer server, Site to, String scheme) throws Exception {
    try (CuttingProxy proxy = new CuttingProxy(to.port());
        Browser browser = new Browser(directory)) {
      browser.open(URI.create("%s://127.0.0.1:%d/counter/".formatted(scheme, proxy.port())));
      Wait.until("it counts", () -> number(browser, "number") >= 2);
      watch(browser, "number");
      for (int cut = 1; cut <= CUTS; cut++) {
        proxy.cut();
        int backs = cut;
        Wait.until("it is back", () -> number(browser, "backs") == backs);
        if (cut % CUTS_A_RELOAD == 0) {
          assertThat(Moved.by(server, "reload").closed()).isZero();
        }
        browser.ask("document.getElementById('add').click()");
        Wait.until("what it said is counted", () -> number(browser, "count") == backs);
        assertThat(browser.text("missing")).isEqualTo("0");
      }
      assertThat(browser.text("sessions")).isEqualTo("1");
      assertThat(browser.ask("window.wentBack")).isEqualTo("0");

      long number = number(browser, "number");
      browser.ask("(location.reload(), '')");
      Wait.until(
          "the page that was loaded again is back",
          () -> number(browser, "backs") == 1 && number(browser, "number") > number);
      assertThat(browser.text("missing")).isEqualTo("0");
      assertThat(browser.text("count")).isEqualTo(String.valueOf(CUTS));
      browser.ask("document.getElementById('end').click()");
    }
  }

  @Test
  void aPageThatKnowsTwoAddressesComesBackAtTheOneThatThereIs() throws Exception {
    Shell.need("aPageThatKnowsTwoAddressesComesBackAtTheOneThatThereIs", "chromium");
    TestServer server = SERVERS.running();
    try (CuttingProxy first = new CuttingProxy(site.port());
        CuttingProxy second = new CuttingProxy(site.port());
        Browser browser = new Browser(directory)) {
      first.refuse(true);
      browser.open(site.page().resolve("/counter/"));
      Wait.until("it counts", () -> number(browser, "number") >= 2);
      String address = "'ws://127.0.0.1:%d/counter/socket'";
      browser.ask(
          "(() => { window.told = []; import('./resumable-socket.js').then(its => { "
              + "const socket = new its.ResumableSocket(["
              + address.formatted(first.port())
              + ", "
              + address.formatted(second.port())
              + "]); socket.onopen = () => told.push('open'); "
              + "socket.onback = () => told.push('back'); "
              + "socket.onlost = code => told.push('lost ' + code); }); })()");
      Wait.until("it has begun", () -> browser.ask("told.join()"), "open"::equals);

      first.refuse(false);
      second.refuse(true);
      second.cut();
      Wait.until("it is back", () -> browser.ask("told.join()"), "open,back"::equals);

      second.refuse(false);
      first.refuse(true);
      first.cut();
      Wait.until("it is back again", () -> browser.ask("told.join()"), "open,back,back"::equals);
      assertThat(server.status().total("errors")).isZero();
    }
  }
}
