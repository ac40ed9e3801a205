package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ModuleProjectTest {
  private static final Map<String, String> VALUES =
      Map.of(
          "group", "org.acme",
          "version", "1.2.3",
          "port", "7201",
          "home", "/srv/baton",
          "conf", "/srv/baton/conf/baton.conf",
          "modules", "/srv/baton/modules",
          "log", "/srv/baton/log",
          "install", "cd /srv/baton && mvn install",
          "reload", "/srv/baton/bin/reload");

  @TempDir Path temp;

  private void write(Path directory) throws Failure {
    new ModuleProject(directory, ModuleName.of("my-chat", "org.acme"), VALUES).write();
  }

  @Test
  void aProjectHasEachFileWithItsNamesFilledIn() throws Exception {
    Path project = temp.resolve("made/my-chat");
    write(project);

    assertThat(files(project))
        .containsExactly(
            ".gitignore",
            "README.md",
            "pom.xml",
            "src/main/java/org/acme/mychat/Greeter.java",
            "src/main/java/org/acme/mychat/MyChatModule.java",
            "src/main/resources/META-INF/services/io.baton.service.Module",
            "src/test/java/org/acme/mychat/GreeterTest.java");
    assertThat(project.resolve("src/main/resources/META-INF/services/io.baton.service.Module"))
        .hasContent("org.acme.mychat.MyChatModule");
    assertThat(project.resolve("pom.xml"))
        .content()
        .contains("<groupId>org.acme</groupId>", "<baton.version>1.2.3</baton.version>");
    assertThat(project.resolve("README.md"))
        .content()
        .contains(
            "baton.listeners.my-chat { endpoint = \"tcp://127.0.0.1:7201\", codec = line, service ="
                + " my-chat-greeter }");
    for (String file : files(project)) {
      assertThat(project.resolve(file)).content().doesNotContainPattern("@[a-z]+@");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"../README.md", "../docs/MODULES.md"})
  void theDocumentsShowTheListenerThatAProjectNames(String document) {
    assertThat(Path.of(document))
        .content()
        .contains("echo '" + ModuleProject.listener("hello", Map.of("port", "7200")) + "' >>");
  }

  @Test
  void theDocumentsShowTheInstallationThatTheCommandDoes() {
    assertThat(Path.of("../docs/MODULES.md")).content().contains("$ " + LocalRepository.command());
  }

  @Test
  void anEmptyDirectoryIsFilled() throws Exception {
    write(temp);

    assertThat(files(temp)).hasSize(7);
  }

  @Test
  void aDirectoryWithAFileIsLeftAlone() throws Exception {
    Files.writeString(temp.resolve("mine"), "mine");

    assertThatThrownBy(() -> write(temp))
        .isInstanceOf(Failure.class)
        .hasMessageStartingWith(temp + " is there already, and is not empty; nothing was changed");
    assertThat(files(temp)).containsExactly("mine");
  }

  @Test
  void aFileInThePlaceOfTheDirectoryIsLeftAlone() throws Exception {
    Path file = Files.writeString(temp.resolve("mine"), "mine");

    assertThatThrownBy(() -> write(file))
        .isInstanceOf(Failure.class)
        .hasMessageStartingWith(file + " is there already, and is no directory");
    assertThat(file).hasContent("mine");
  }

  private static List<String> files(Path directory) throws Exception {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> directory.relativize(file).toString())
          .sorted()
          .toList();
    }
  }
}
