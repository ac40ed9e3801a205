package io.baton.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The sources that docs/OPERATIONS.md has under "Configuration". Each read here is what a reload
 * does.
 */
class ConfigurationSourcesTest {
  private static final String WEB =
      "baton.listeners.web { endpoint = \"tcp://127.0.0.1:8080\", codec = http, service = hello"
          + " }\n";

  /** Nobody has it. */
  private static final String MISSING = "BATON_TEST_VARIABLE_THAT_IS_NOT_THERE";

  @TempDir private Path home;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = home.resolve("conf/baton.conf");
  }

  private Path write(String name, String text) throws Exception {
    Path path = home.resolve("conf").resolve(name);
    Files.createDirectories(Objects.requireNonNull(path.getParent()));
    return Files.writeString(path, text);
  }

  private Settings read(String... overrides) throws Exception {
    return SettingsReader.read(
            file, overrides.length == 0 ? Map.of() : Map.of(overrides[0], overrides[1]), home)
        .settings();
  }

  private ListAssert<String> complaints() {
    return assertThat(
        catchThrowableOfType(
                ConfigurationException.class, () -> SettingsReader.read(file, Map.of(), home))
            .complaints());
  }

  @Test
  void anIncludedFileIsFoundBesideTheOneThatIncludesIt() throws Exception {
    write("baton.conf", WEB + "include \"more/a.conf\"");
    write("more/a.conf", "include \"b.conf\"");
    write("more/b.conf", "baton.name = deep");
    write("b.conf", "baton.name = wrong");
    assertThat(read().server().name()).isEqualTo("deep");
  }

  @Test
  void aFileWithAnAbsolutePathIsIncluded() throws Exception {
    Path elsewhere = Files.writeString(home.resolve("elsewhere.conf"), "baton.name = far");
    write("baton.conf", WEB + "include \"" + elsewhere + "\"");
    assertThat(read().server().name()).isEqualTo("far");
  }

  @Test
  void aReloadReadsTheIncludedFileAgain() throws Exception {
    write("baton.conf", WEB + "include \"more.conf\"");
    write("more.conf", "baton.workers = 2");
    assertThat(read().workers()).isEqualTo(2);
    write("more.conf", "baton.workers = 3");
    assertThat(read().workers()).isEqualTo(3);
  }

  @Test
  void theLaterLineWinsAlsoOverAnIncludedFile() throws Exception {
    write("more.conf", "baton { name = more, workers = 7 }");
    write("baton.conf", WEB + "include \"more.conf\"\nbaton.name = last");
    assertThat(read().server().name()).isEqualTo("last");
    assertThat(read().workers()).isEqualTo(7);
    write("baton.conf", WEB + "baton.name = first\ninclude \"more.conf\"");
    assertThat(read().server().name()).isEqualTo("more");
  }

  @Test
  void theCommandLineWinsOverIncludedFilesAndTheEnvironment() throws Exception {
    write("more.conf", "baton { workers = 7, name = ${PATH} }");
    write("baton.conf", WEB + "include \"more.conf\"");
    assertThat(read("baton.workers", "9").workers()).isEqualTo(9);
    assertThat(read("baton.name", "mine").server().name()).isEqualTo("mine");
  }

  @Test
  void anIncludedFileThatIsMissingIsAMistakeOnlyIfItIsRequired() throws Exception {
    write("baton.conf", WEB + "include \"none.conf\"");
    assertThat(read().server().name()).isEqualTo("baton");
    write("baton.conf", WEB + "include required(\"none.conf\")");
    complaints().singleElement().asString().contains("none.conf");
  }

  @Test
  void mistakesInAnIncludedFileAreToldWithItsNameAndLine() throws Exception {
    write("baton.conf", WEB + "include \"more.conf\"");
    Path more = write("more.conf", "\nbaton.workers = 0\n\nbaton.nonsense = 1");
    complaints()
        .satisfiesExactly(
            line -> assertThat(line).startsWith(more + ":2: baton.workers: found 0, "),
            line -> assertThat(line).startsWith(more + ":4: baton.nonsense: found an unknown key"));
    write("more.conf", "\nbaton {");
    complaints().singleElement().asString().startsWith(more + ":2: ");
    write("more.conf", "\n\nbaton.name = ${" + MISSING + "}");
    complaints()
        .containsExactly(
            more + ":3: Could not resolve substitution to a value: ${" + MISSING + "}");
  }

  @Test
  void aVariableIsAValueIfItIsThere() throws Exception {
    write("baton.conf", WEB + "baton.name = mine\nbaton.name = ${?" + MISSING + "}");
    assertThat(read().server().name()).isEqualTo("mine");
    write("baton.conf", WEB + "baton.modules.orders.path = ${PATH}");
    assertThat(read().modules().blocks().get("orders"))
        .containsEntry("path", System.getenv("PATH"));
  }

  @Test
  void aVariableWithAWrongValueIsToldWithItsKey() throws Exception {
    write("baton.conf", WEB + "baton.workers = ${PATH}");
    complaints()
        .containsExactly(
            "env variables: baton.workers: found \"%s\", allowed auto or 1 to 256"
                .formatted(System.getenv("PATH")));
  }

  @Test
  void aPasswordMayStandInAFileOfItsOwn() throws Exception {
    write("baton.conf", WEB + "include required(\"secrets.conf\")\nbaton.modules.orders.user = me");
    write("secrets.conf", "baton.modules.orders.password = \"one\"");
    assertThat(read().modules().blocks().get("orders"))
        .isEqualTo(Map.of("user", "me", "password", "one"));
    write("secrets.conf", "baton.modules.orders.password = \"two\"");
    assertThat(read().modules().blocks().get("orders")).containsEntry("password", "two");
  }
}
