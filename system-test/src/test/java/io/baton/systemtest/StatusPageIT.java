package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The status page in a real browser. */
@SuppressWarnings("NullAway.Init")
class StatusPageIT {
  @RegisterExtension static final Servers SERVERS = Servers.shared(_ -> {});

  /** Whether nothing of the page is beyond the right edge of the screen. */
  private static final String FITS =
      "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
          + " && [...document.querySelectorAll('.scroll')].every(s => s.scrollWidth <="
          + " s.clientWidth)";

  /** Before each event; not in the zone of the log's. */
  private static final Pattern TIME =
      Pattern.compile("(\\d{4}-\\d\\d-\\d\\d )?\\d\\d:\\d\\d:\\d\\d");

  @TempDir private Path directory;

  @Test
  void thePageDrawsTheLoadAndListsADeathAndAReloadAlsoOnAPhone() throws Exception {
    Shell.need("thePageDrawsTheLoadAndListsADeathAndAReloadAlsoOnAPhone", "chromium");
    TestServer server = SERVERS.running();
    server.visitEcho();
    long killed = server.status().worker(0).pid();
    Procs.signal("KILL", killed);
    server.await("another serves in its place", s -> s.worker(0).pid() != killed);
    server.awaitAllReady();
    assertThat(Moved.by(server, "reload").closed()).isZero();
    URI page = URI.create("http://127.0.0.1:%d/".formatted(server.admin));
    try (Browser browser = new Browser(directory).open(page)) {
      String events =
          Wait.until(
              "the events are shown",
              () -> browser.text("events"),
              text -> text.contains("reload: generation 2: no setting is new"));
      assertThat(events)
          .contains(
              "worker 0 (pid %d) was killed by SIGKILL".formatted(killed), "starting another");
      String log = Files.readString(server.logDir.resolve("manager.log")); // of earlier tests too
      assertThat(log).contains(TIME.splitAsStream(events).toList());
      Wait.until(
          "all four curves are drawn",
          () -> browser.ask("document.querySelectorAll('#charts path').length"),
          paths -> Integer.parseInt(paths) >= 6); // two each, but for a latency without messages
      assertThat(browser.text("charts")).contains("Connections", "Messages/s", "Errors");
      assertThat(browser.text("topics")) // the shipped examples have a room
          .contains("subscriptions", "published", "missed", "links of workers");
      browser.phone(390, 844);
      Wait.until("it fits", () -> browser.ask(FITS), "true"::equals);
      assertThat(browser.text("state")).isEqualTo("running");
    }
  }
}
