package io.baton.manager;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
  private static final Pattern NAMES = Pattern.compile("_baton_commands='(.*)'");

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

  @Test
  void theWordsAfterBatonAreCompletedLikeThoseOfTheScripts() throws Exception {
    assertThat(completed("baton", "rel")).containsExactly("reload");
    assertThat(completed("baton", "reload", "--a")).containsExactly("--abort");
    assertThat(completed("baton", "sessions", "--state", "")).contains("open", "away");
    assertThat(completed("bin/reload", "--a")).containsExactly("--abort");
    assertThat(completed("baton", "")).contains("new-module", "top", "--help");
  }

  /** Asks bash, as it does itself when the last word is to be completed. */
  private static List<String> completed(String... words) throws Exception {
    String quoted = Arrays.stream(words).map(word -> "'" + word + "'").collect(joining(" "));
    String script =
        ". '%s'; COMP_WORDS=(%s); COMP_CWORD=%d; _baton; printf '%%s\\n' \"${COMPREPLY[@]}\""
            .formatted(FILE.toAbsolutePath(), quoted, words.length - 1);
    Process bash =
        new ProcessBuilder("bash", "--norc", "-c", script)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out = bash.inputReader()) {
      return out.lines().toList();
    } finally {
      assertThat(bash.waitFor()).isZero();
    }
  }
}
