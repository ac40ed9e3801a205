package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** {@code conf/baton-completion.bash}, which has the options of all commands. */
class CompletionTest {
  private static final Path FILE =
      Path.of(System.getProperty("basedir", "")).resolve("../conf/baton-completion.bash");

  private static final Pattern COMMAND = Pattern.compile(" ([a-z-]+)\\) echo \"(.*) \\$where\" ;;");
  private static final Pattern NAMES = Pattern.compile("for name in (.*); do");

  @Test
  void everyCommandHasItsOptions() throws Exception {
    String text = Files.readString(FILE);
    Set<String> common = Set.of("--help", "--version", "--conf", "-D");
    Map<String, CommandLine> commands = Main.commandLine().getSubcommands();
    Set<String> completed = new TreeSet<>();
    for (Matcher line = COMMAND.matcher(text); line.find(); ) {
      completed.add(line.group(1));
      Set<String> options = new TreeSet<>(common);
      options.addAll(Arrays.asList(line.group(2).split(" ")));
      assertThat(options)
          .as(line.group(1))
          .isEqualTo(
              Objects.requireNonNull(commands.get(line.group(1)))
                  .getCommandSpec()
                  .options()
                  .stream()
                  .map(OptionSpec::longestName)
                  .collect(Collectors.toCollection(TreeSet::new)));
    }
    Set<String> expected = new TreeSet<>(commands.keySet());
    expected.remove("serve"); // which only start runs
    assertThat(completed).isEqualTo(expected);
    Matcher names = NAMES.matcher(text);
    assertThat(names.find()).isTrue();
    assertThat(names.group(1).split(" ")).containsExactlyInAnyOrderElementsOf(expected);
  }
}
