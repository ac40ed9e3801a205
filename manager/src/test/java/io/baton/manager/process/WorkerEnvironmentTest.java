package io.baton.manager.process;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkerEnvironmentTest {
  private static final Map<String, String> ALL =
      Map.of(
          "PATH", "/bin",
          "LC_ALL", "C.UTF-8",
          "JAVA_HOME", "/jdk",
          "DB_URL", "db:one",
          "DB_PASSWORD", "secret",
          "OTEL_A", "1",
          "OTEL_B", "2",
          "NOTIFY_SOCKET", "/run/systemd/notify",
          "LISTEN_FDS", "1");

  @Test
  void workersGetTheUsualVariablesOnly() {
    assertThat(WorkerEnvironment.of(ALL, List.of()).entries())
        .containsExactly("JAVA_HOME=/jdk", "LC_ALL=C.UTF-8", "PATH=/bin");
  }

  @Test
  void theConfigurationAddsNamesAndBeginningsOfNames() {
    assertThat(WorkerEnvironment.of(ALL, List.of("DB_URL", "OTEL_*", "NONE")).entries())
        .containsExactly(
            "DB_URL=db:one",
            "JAVA_HOME=/jdk",
            "LC_ALL=C.UTF-8",
            "OTEL_A=1",
            "OTEL_B=2",
            "PATH=/bin");
  }

  @Test
  void evenTheWholeEnvironmentIsWithoutWhatTheServiceManagerSaysToTheManager() {
    WorkerEnvironment whole = WorkerEnvironment.of(ALL, List.of("*"));
    assertThat(whole.withheld()).containsExactly("LISTEN_FDS", "NOTIFY_SOCKET");
    assertThat(whole.entries()).contains("DB_PASSWORD=secret").hasSize(ALL.size() - 2);
    assertThat(WorkerEnvironment.of(ALL, List.of("NOTIFY_SOCKET", "LISTEN_*")).withheld())
        .contains("LISTEN_FDS", "NOTIFY_SOCKET");
  }

  @Test
  void theLogHasNamesAndNoValues() {
    assertThat(WorkerEnvironment.of(ALL, List.of("OTEL_*")).describe())
        .isEqualTo(
            "workers get 5 of the 9 variables of the environment, without DB_PASSWORD, DB_URL,"
                + " LISTEN_FDS, NOTIFY_SOCKET (worker.environment adds to them)");
    assertThat(WorkerEnvironment.of(Map.of("PATH", "/bin"), List.of()).describe())
        .isEqualTo("workers get the whole environment");
  }

  @Test
  void theLogNamesTwentyVariablesAtMost() {
    Map<String, String> many =
        IntStream.range(0, 1_000)
            .boxed()
            .collect(toMap(i -> "V%03d".formatted(i), String::valueOf));
    assertThat(WorkerEnvironment.of(many, List.of()).describe())
        .endsWith("V018, V019 and 980 more (worker.environment adds to them)")
        .hasSizeLessThan(300);
  }

  @Test
  void theChapterOnSecurityListsTheUsualVariables() throws Exception {
    assertThat(Files.readString(Path.of("../docs/SECURITY.md")).replaceAll("\\s+", " "))
        .contains("`" + String.join("`, `", WorkerEnvironment.USUAL) + "`");
  }
}
