package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import io.baton.testing.server.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first minutes of somebody who writes a module. */
class NewModuleIT {
  private static final Pattern PORT = Pattern.compile("tcp://127\\.0\\.0\\.1:(\\d+)");

  @RegisterExtension final Servers servers = Servers.perTest();

  @Tag(Nightly.ONLY)
  @Test
  void aNewProjectIsBuiltAndDeployedByTheCommandsThatItIsMadeWith() throws Exception {
    Shell.need("NewModuleIT", "mvn");
    TestServer server = servers.create();
    Path modules = Files.createDirectory(server.directory.resolve("modules"));
    Files.copy(TestServer.HOME.resolve("modules/examples.jar"), modules.resolve("examples.jar"));
    server.configure("modules-dir", "\"" + modules + "\"").start();

    Path project = server.directory.resolve("my chat"); // a name that a shell would take apart
    Command.Result made = server.script("new-module", "--no-install", "hello", project.toString());
    assertThat(made.exit()).as(made.toString()).isZero();

    Files.createDirectory(project.resolve(".mvn"));
    Files.writeString(project.resolve(".mvn/maven.config"), "-o\n-B\n-q\n");
    Map<String, String> environment = new HashMap<>(server.environment());
    environment.put(
        "MAVEN_OPTS",
        "-Dmaven.repo.local=" + MavenRepository.create(server.directory.resolve("repository")));
    Command.Result deployed = Shell.run(environment, List.of("sh", "-ec", steps(made)));

    assertThat(deployed.exit()).as(deployed.toString()).isZero();
    assertThat(deployed.out()).contains("generation 1 → 2: 2 workers replaced");
    assertThat(project.resolve("target/surefire-reports"))
        .isDirectoryContaining("glob:**com.example.hello.GreeterTest.txt");
    int port =
        PORT.matcher(made.out())
            .results()
            .mapToInt(found -> Integer.parseInt(found.group(1)))
            .findFirst()
            .orElseThrow();
    try (Client client = Client.tcp(port)) {
      client.send("Anna\n");
      assertThat(client.readText("1 Hello, Anna!\n")).isEqualTo("1 Hello, Anna!\n");
      server.configure("modules.hello.greeting", "Welcome");
      assertThat(Moved.by(server, "reload").migrated()).isEqualTo(1);
      client.send("Ben\n");
      assertThat(client.readText("2 Welcome, Ben!\n")).isEqualTo("2 Welcome, Ben!\n");
    }
  }

  /** The indented lines. */
  private static String steps(Command.Result made) {
    return Pattern.compile("(?m)^  (.+)$")
        .matcher(made.out())
        .results()
        .map((MatchResult line) -> line.group(1))
        .collect(Collectors.joining("\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "My Chat, 'NAME is \"My Chat\"; allowed: 1 to 40 of a-z, 0-9 and -, a letter first,'",
    "new, 'NAME is \"new\", a word that Java has for itself'",
    "echo, 'NAME is echo, but '",
  })
  void aNameThatIsNotAllowedIsRefusedBeforeAnythingIsWritten(String name, String why)
      throws Exception {
    TestServer server = servers.create();
    Path project = server.directory.resolve("project");

    Command.Result refused = server.script("new-module", name, project.toString());

    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).startsWith("bin/new-module: " + why);
    assertThat(refused.out()).isEmpty();
    assertThat(project).doesNotExist();
  }
}
