package io.baton.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the README and the documents show of this module is what the compiler and the tests have
 * seen.
 */
final class ReadmeTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```java\\R(.*?)^```$");

  @ParameterizedTest
  @CsvSource({
    "README.md, src/main/java/io/baton/examples/EchoLineService.java",
    "README.md, src/main/java/io/baton/examples/ExamplesModule.java",
    "README.md, src/test/java/io/baton/examples/EchoLineServiceTest.java",
    "docs/HTTP-SERVICES.md, src/main/java/io/baton/examples/Ticks.java",
    "docs/TOPICS.md, src/main/java/io/baton/examples/ChatService.java",
    "docs/SERVICES.md, src/main/java/io/baton/examples/Tally.java",
  })
  void aClassInADocumentIsTheOneInTheSources(String document, String source) throws Exception {
    Path path = Path.of(source);
    String name = path.getFileName().toString().replace(".java", "");
    List<String> shown = lines(block(document, Pattern.compile("(class|record) " + name + "\\b")));
    assertThat(shown).hasSizeGreaterThan(3);

    List<String> rest = lines(Files.readString(path));
    for (String line : shown) {
      assertThat(rest).as("the rest of %s, where the document goes on", name).contains(line);
      rest = rest.subList(rest.indexOf(line) + 1, rest.size());
    }
  }

  private static String block(String document, Pattern declaration) throws Exception {
    Matcher blocks = BLOCK.matcher(Files.readString(Path.of("..", document)));
    return blocks
        .results()
        .map(block -> block.group(1))
        .filter(text -> declaration.matcher(text).find())
        .findFirst()
        .orElseThrow(() -> new AssertionError(document + " shows no " + declaration));
  }

  /** Without layout, and without the sign that something is left out. */
  private static List<String> lines(String text) {
    return text.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.equals("// ..."))
        .toList();
  }
}
