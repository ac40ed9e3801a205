package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import io.baton.testing.server.Command;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What docs/CLUSTER.md has its reader try, word for word, on the ports that it names. */
class ClusterDocumentIT {
  private static final Pattern COMMANDS = Pattern.compile("(?ms)^```\\R(nats-server .*?)^```$");
  private static final String OF_THE_SECOND = "-Dbaton.run-dir=run2";

  @RegisterExtension final Servers servers = Servers.perTest();

  /** A member of the room, who hears what is said there. */
  private static final class Member implements WebSocket.Listener {
    private final StringBuilder heard = new StringBuilder();
    private final WebSocket socket;

    Member(HttpClient http, int port, String name) {
      URI room =
          URI.create("ws://127.0.0.1:%d/chat/socket?room=lobby&name=%s".formatted(port, name));
      socket = http.newWebSocketBuilder().buildAsync(room, this).join();
    }

    @Override
    public synchronized @Nullable CompletionStage<?> onText(
        WebSocket from, CharSequence data, boolean last) {
      heard.append(data);
      from.request(1);
      return null;
    }

    void say(String text) {
      socket.sendText(text, true).join();
    }

    synchronized boolean hasHeard(String name, String text) {
      return heard.indexOf(name + "\n" + text) >= 0;
    }
  }

  private static String commands() throws Exception {
    Matcher found = COMMANDS.matcher(Files.readString(TestServer.HOME.resolve("docs/CLUSTER.md")));
    assertThat(found.find())
        .as("docs/CLUSTER.md has commands that begin with nats-server")
        .isTrue();
    return found.group(1);
  }

  @Tag(Nightly.ONLY)
  @Test
  void theCommandsOfTheDocumentMakeOneRoomOfTwoServers() throws Exception {
    TestServer server = servers.create();
    server.ownHome();
    Command.Result started = shell(server, commands() + "\necho pid $!");
    assertThat(started.exit()).as(started.toString()).isZero();

    aMessageIsHeardOnBothSides();

    for (String which : List.of("", OF_THE_SECOND)) {
      Wait.until(
          "bin/status knows the other machine",
          () -> shell(server, "bin/status " + which).out(),
          out -> out.contains("2 of 2 workers connected, 1 other machine"));
    }
    for (String which : List.of("", OF_THE_SECOND)) {
      Command.Result stopped = shell(server, "bin/stop --now " + which);
      assertThat(stopped.exit()).as(stopped.toString()).isZero();
    }
    String nats = started.out().substring(started.out().lastIndexOf("pid ") + 4).strip();
    Procs.signal("TERM", Long.parseLong(nats));
  }

  private static void aMessageIsHeardOnBothSides() {
    try (HttpClient http = HttpClient.newHttpClient()) {
      Member anna = new Member(http, 8090, "Anna");
      Member ben = new Member(http, 8091, "Ben");
      Wait.until(
          "each hears the other",
          () -> {
            anna.say("hello");
            ben.say("good day");
            return ben.hasHeard("Anna", "hello") && anna.hasHeard("Ben", "good day");
          });
      anna.socket.abort();
      ben.socket.abort();
      http.shutdownNow();
    }
  }

  private static Command.Result shell(TestServer server, String commands) throws Exception {
    String script = "cd \"$0\"\n" + commands;
    String home = server.directory.resolve("home").toString();
    return Shell.run(server.environment(), List.of("sh", "-ec", script, home));
  }
}
