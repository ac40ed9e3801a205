package io.baton.manager;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of a new module's project. They are made from the templates beside this class, in
 * {@code src/main/resources}, where {@code @word@} stands for a value.
 */
final class ModuleProject {
  private static final String TEMPLATES = "module/";
  private static final Pattern VALUE = Pattern.compile("@([a-z]+)@");

  private final Path directory;
  private final Map<String, String> values;

  /** Where the file made from each template goes. */
  private final Map<String, String> paths;

  /**
   * @param directory where it goes; may be there if it is empty
   * @param values by the words that stand for them, besides those that follow from the name
   */
  ModuleProject(Path directory, ModuleName name, Map<String, String> values) {
    this.directory = directory;
    Map<String, String> all = new LinkedHashMap<>(values);
    all.put("name", name.name());
    all.put("package", name.packageName());
    all.put("class", name.className());
    all.put("listener", listener(name.name(), values));
    this.values = Map.copyOf(all);
    String main = "src/main/java/" + name.packagePath() + "/";
    String test = "src/test/java/" + name.packagePath() + "/";
    this.paths =
        Map.of(
            "pom.xml",
            "pom.xml",
            "README.md",
            "README.md",
            "gitignore",
            ".gitignore",
            "services",
            "src/main/resources/META-INF/services/io.baton.service.Module",
            "Module.java",
            main + name.className() + "Module.java",
            "Greeter.java",
            main + "Greeter.java",
            "GreeterTest.java",
            test + "GreeterTest.java");
  }

  /** Returns the line of a configuration that adds the project's listener. */
  static String listener(String name, Map<String, String> values) {
    return "baton.listeners.%s { endpoint = \"tcp://127.0.0.1:%s\", codec = line, service = %s-greeter }"
        .formatted(name, values.get("port"), name);
  }

  /**
   * Writes all files.
   *
   * @throws Failure if something is in the directory already, or it cannot be written
   */
  void write() throws Failure {
    requireRoom();
    try {
      for (Map.Entry<String, String> each : paths.entrySet()) {
        Path file = directory.resolve(each.getValue());
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, filled(each.getKey()));
      }
    } catch (IOException e) {
      throw new Failure("the project cannot be written: " + RunDirectory.describe(e), e);
    }
  }

  private void requireRoom() throws Failure {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      throw new Failure(directory + " is there already, and is no directory; nothing was changed");
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      if (files.iterator().hasNext()) {
        throw new Failure(
            directory
                + " is there already, and is not empty; nothing was changed. Allowed: a directory"
                + " that is empty or not there yet, as bin/new-module NAME DIR");
      }
    } catch (IOException e) {
      throw new Failure(directory + " cannot be read: " + RunDirectory.describe(e), e);
    }
  }

  private String filled(String template) throws IOException {
    String text;
    try (InputStream in = getClass().getResourceAsStream(TEMPLATES + template)) {
      text =
          new String(Objects.requireNonNull(in, template).readAllBytes(), StandardCharsets.UTF_8);
    }
    return VALUE
        .matcher(text)
        .replaceAll(match -> Matcher.quoteReplacement(value(match, template)));
  }

  private String value(MatchResult match, String template) {
    return Objects.requireNonNull(values.get(match.group(1)), () -> template + match.group());
  }
}
