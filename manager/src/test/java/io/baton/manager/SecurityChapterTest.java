package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The chapter names a test for each claim; those have to be there. */
class SecurityChapterTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+(?:Test|IT))#(\\w+)`");

  @Test
  void theTestsThatTheChapterNamesAreThere() throws Exception {
    String chapter = Files.readString(ROOT.resolve("docs/SECURITY.md"));
    List<MatchResult> named = TEST.matcher(chapter).results().toList();
    assertThat(named).hasSizeGreaterThan(20);
    for (MatchResult each : named) {
      assertThat(source(each.group(1)))
          .as(each.group())
          .containsPattern("@\\w+(?:\\([^)]*\\))?\\s+void " + each.group(2) + "\\(");
    }
  }

  private static String source(String test) throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.sorted().toList()) {
        Path tests = module.resolve("src/test/java");
        if (Files.isDirectory(tests)) {
          try (Stream<Path> all = Files.walk(tests)) {
            Path found = all.filter(file -> file.endsWith(test + ".java")).findFirst().orElse(null);
            if (found != null) {
              return Files.readString(found);
            }
          }
        }
      }
    }
    return "";
  }
}
