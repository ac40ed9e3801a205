package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import io.baton.testing.server.Command;
import io.baton.testing.server.Ports;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The page of the chat in two real browsers, whose sessions are in different workers at first. */
class ChatBrowserIT {
  private static final int ROUNDS = Nightly.of(8, 2);

  /** What each says in a round: fewer than its rate allows. */
  private static final int EACH = 6;

  /** All that is shown, as a line each. */
  private static final String SHOWN =
      "[...document.querySelectorAll('#messages li')].map(each => each.querySelector('b').textContent"
          + " + ': ' + each.querySelector('p').textContent).join('|')";

  /** The number of a worker process, which the page shows once it knows. */
  private static final Predicate<String> WORKER = Pattern.compile("\\d+").asMatchPredicate();

  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        port = Ports.free(1).getFirst();
        server.configure(
            "listeners.chat",
            ("{ endpoint = \"tcp://127.0.0.1:%d\", codec = http,"
                    + " awaits-return = 1m, routes { \"/chat/*\" = chat-page,"
                    + " \"/chat/socket\" = { codec = websocket, service = chat } } }")
                .formatted(port));
      });

  @TempDir private Path directory;

  private Browser page(int at, String name) throws Exception {
    Browser browser = new Browser(Files.createDirectory(directory.resolve(name)));
    return browser.open(address(at, name));
  }

  private static URI address(int at, String name) {
    return URI.create("http://127.0.0.1:%d/chat/?room=lobby%%26name=%s".formatted(at, name));
  }

  /** Enters in another worker than somebody else, however often that takes. */
  private Browser pageElsewhere(int at, String name, Browser other) throws Exception {
    Browser page = page(at, name);
    URI address = address(at, name);
    String its = Wait.until("the other is served", () -> other.text("worker"), WORKER);
    while (Wait.until("it is served", () -> page.text("worker"), WORKER).equals(its)) {
      page.ask("document.getElementById('leave').click()");
      var _ = page.open(address);
    }
    return page;
  }

  private static void say(Browser browser, String text) throws Exception {
    Wait.until(
        "it is said",
        () ->
            browser.ask(
                "(document.getElementById('text').value = '%s',".formatted(text)
                    + " document.querySelector('#say button').click(),"
                    + " document.getElementById('text').value)"),
        ""::equals);
  }

  private static List<String> shown(Browser browser) throws Exception {
    String all = browser.ask(SHOWN);
    return all.isEmpty() ? List.of() : List.of(all.split("\\|"));
  }

  private static List<String> of(String name, List<String> all) {
    return all.stream().filter(each -> each.startsWith(name + ": ")).toList();
  }

  /** All of it, once, and of each member in the order in which it said it. */
  private static void awaitAll(Browser browser, List<String> anna, List<String> ben)
      throws Exception {
    int all = anna.size() + ben.size();
    List<String> shown = Wait.until("all is shown", () -> shown(browser), now -> now.size() >= all);
    assertThat(of("Anna", shown)).isEqualTo(anna);
    assertThat(of("Ben", shown)).isEqualTo(ben);
    assertThat(shown).hasSize(all);
  }

  @Test
  void whatIsSaidIsShownOnceToAllWhileTheServerIsReloadedAndAConnectionIsCut() throws Exception {
    Shell.need("whatIsSaidIsShownOnceToAllWhileTheServerIsReloaded", "chromium");
    TestServer server = SERVERS.running();
    try (CuttingProxy proxy = new CuttingProxy(port);
        Browser anna = page(port, "Anna");
        Browser ben = pageElsewhere(proxy.port(), "Ben", anna)) {
      Wait.until("both are here", () -> anna.text("members"), "AnnaBen"::equals);
      List<String> annas = new ArrayList<>();
      List<String> bens = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        FutureTask<Command.Result> reload = server.begin("reload");
        for (int i = 0; i < EACH; i++) {
          String text = "%d of round %d".formatted(i, round);
          say(anna, text);
          annas.add("Anna: " + text);
          say(ben, text);
          bens.add("Ben: " + text);
        }
        assertThat(Moved.of(reload.get()).closed()).isZero();
        awaitAll(anna, annas, bens);
        awaitAll(ben, annas, bens);
        proxy.cut();
        String text = "while Ben is away, round " + round;
        say(anna, text);
        annas.add("Anna: " + text);
        awaitAll(ben, annas, bens);
      }
      Wait.until("both are here", () -> anna.text("members"), "AnnaBen"::equals);

      ben.ask("location.reload()");
      Wait.until("the page is there again", () -> ben.text("state"), "connected"::equals);
      awaitAll(ben, annas, bens);
      assertThat(server.status().total("errors")).isZero();

      anna.ask("document.getElementById('leave').click()");
      Wait.until("Anna has left", () -> ben.text("members"), "Ben"::equals);
    }
  }
}
