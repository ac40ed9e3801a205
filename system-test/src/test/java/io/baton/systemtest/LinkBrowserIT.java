package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import io.baton.testing.server.Ports;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The greeter's page, whose session is one of Link, in a real browser. */
class LinkBrowserIT {
  private static final int CUTS = Nightly.of(20, 5);
  private static final int CUTS_A_RELOAD = Nightly.of(4, 2);

  /** What the page says while it is connected, away, and while the session moves. */
  private static final int EACH = 3;

  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        port = Ports.free(1).getFirst();
        server.configure(
            "listeners.greeter",
            ("{ endpoint = \"tcp://127.0.0.1:%d\", codec = http, placement = round-robin, routes {"
                    + " \"/greeter/*\" = greeter-page, \"/greeter/link\" = { codec = link,"
                    + " services { greeter = greeter-json } } } }")
                .formatted(port));
      });

  @TempDir private Path directory;

  private static int number(Browser browser, String id) throws Exception {
    return Integer.parseInt(browser.text(id));
  }

  private static void say(Browser browser, int first) throws Exception {
    for (int i = first; i < first + EACH; i++) {
      browser.ask(
          "(document.getElementById('name').value = 'number %d',".formatted(i)
              + " document.getElementById('greet').click())");
    }
  }

  @Test
  void eachHelloIsGreetedOnceAndInOrderThroughCutsAndReloads() throws Exception {
    Shell.need("eachHelloIsGreetedOnceAndInOrderThroughCutsAndReloads", "chromium");
    TestServer server = SERVERS.running();
    try (CuttingProxy proxy = new CuttingProxy(port);
        Browser browser = new Browser(directory)) {
      browser.open(URI.create("http://127.0.0.1:%d/greeter/".formatted(proxy.port())));
      Wait.until("it is connected", () -> browser.text("state"), "connected"::equals);
      int said = 0;
      for (int cut = 1; cut <= CUTS; cut++) {
        say(browser, said);
        proxy.cut();
        say(browser, said + EACH);
        said += 2 * EACH;
        int backs = cut;
        Wait.until("it is back", () -> number(browser, "backs") >= backs);
        if (cut % CUTS_A_RELOAD == 0) {
          assertThat(Moved.by(server, "reload").closed()).isZero();
          say(browser, said);
          said += EACH;
        }
        int all = said;
        Wait.until("all is greeted", () -> number(browser, "greeted") == all);
        assertThat(browser.text("wrong")).isEqualTo("0");
      }
      assertThat(browser.text("said")).isEqualTo(String.valueOf(said));
      assertThat(server.status().total("lost")).isEqualTo(CUTS);
      browser.ask("document.getElementById('end').click()");
      Wait.until("it is over", () -> browser.text("state"), "over (code 18)"::equals);
    }
    server.awaitQuiet();
    assertThat(server.status().total("errors")).isZero();
  }

  @Test
  void aPageWhoseWorkerDiesHearsThatItsSessionIsLost() throws Exception {
    Shell.need("aPageWhoseWorkerDiesHearsThatItsSessionIsLost", "chromium");
    TestServer server = SERVERS.running();
    try (Browser browser = new Browser(directory)) {
      browser.open(URI.create("http://127.0.0.1:%d/greeter/".formatted(port)));
      Wait.until("it is connected", () -> browser.text("state"), "connected"::equals);
      say(browser, 0);
      Wait.until("it is greeted", () -> number(browser, "greeted") == EACH);
      Procs.signal("KILL", number(browser, "worker"));
      Wait.until("it is lost", () -> browser.text("state"), "lost"::equals);
    }
    server.awaitAllReady();
  }
}
