package io.baton.manager;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The unit for systemd fits the scripts that it runs. */
class ServiceUnitTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern COMMAND =
      Pattern.compile("(?m)^Exec\\w+=/opt/baton/(bin/\\S+) ?(.*)$");

  @Test
  void theUnitRunsScriptsThatAreThereWithOptionsThatTheyKnow() throws Exception {
    String unit = Files.readString(ROOT.resolve("conf/baton.service"));
    List<MatchResult> commands = COMMAND.matcher(unit).results().toList();
    assertThat(commands)
        .extracting(command -> command.group(1))
        .containsExactly("bin/start", "bin/reload");
    for (MatchResult command : commands) {
      assertThat(ROOT.resolve(command.group(1))).isExecutable();
      assertThat(options(Path.of(command.group(1)).getFileName().toString()))
          .containsAll(command.group(2).isEmpty() ? List.of() : List.of(command.group(2)));
    }
    assertThat(unit).contains("\nType=notify\n").contains("\nKillMode=mixed\n");
  }

  private static List<String> options(String script) {
    return requireNonNull(Main.commandLine().getSubcommands().get(script))
        .getCommandSpec()
        .options()
        .stream()
        .flatMap(option -> List.of(option.names()).stream())
        .toList();
  }

  @Test
  void theUnitNamesBatonsDirectoryInAsManyLinesAsItSays() throws Exception {
    List<String> lines = Files.readAllLines(ROOT.resolve("conf/baton.service"));
    assertThat(lines.stream().filter(line -> !line.startsWith("#")))
        .filteredOn(line -> line.contains("/opt/baton"))
        .hasSize(4);
    assertThat(String.join("\n", lines)).contains("another directory stands in four lines");
  }
}
