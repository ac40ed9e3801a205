package io.baton.manager.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogsTest {
  @TempDir Path directory;

  private final List<String> shown = new ArrayList<>();

  private void show(LogEntry entry) {
    shown.add(entry.text());
  }

  private static Logs.Query all() {
    return new Logs.Query("", LogEntry.Level.TRACE, Instant.MIN);
  }

  private static String line(int second, String level, String process, String text) {
    return "2026-11-29T10:00:%02d.000+01:00 %-5s %s[7] %s".formatted(second, level, process, text);
  }

  private void write(String file, String... lines) throws IOException {
    Files.writeString(
        directory.resolve(file),
        String.join("\n", lines) + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  @Test
  void entriesOfAllProcessesAreMergedByTimeAndKeepTheirTraces() throws Exception {
    String one = line(1, "INFO", "manager", "a");
    String failed = line(2, "ERROR", "worker-0", "failed");
    String last = line(3, "INFO", "manager", "b");
    write("manager.log", one, last);
    write("worker-0.log", failed, "java.lang.Error: x", "\tat y");
    write("worker-0.out", "not a log");
    write("other.log", line(2, "INFO", "other", "not Baton's"));
    try (Logs logs = new Logs(directory, all())) {
      logs.read(100, this::show);
    }
    assertThat(shown).containsExactly(one, failed + "\njava.lang.Error: x\n\tat y", last);
  }

  @Test
  void slotsAreThoseWhoseWorkersHaveFilesWhicheverLogIsWanted() throws Exception {
    write("manager.log", line(1, "INFO", "manager", "a"));
    write("worker-10.log", line(1, "INFO", "worker-10", "a"));
    write("worker-2.log", line(1, "INFO", "worker-2", "a"));
    try (Logs logs = new Logs(directory, new Logs.Query("worker-7", all().level(), Instant.MIN))) {
      assertThat(logs.areThere()).isFalse();
      assertThat(logs.slots()).containsExactly(2, 10);
    }
  }

  @Test
  void theLastEntriesAreThoseOfAllProcessesTogether() throws Exception {
    for (int i = 0; i < 10; i++) {
      write("manager.log", line(2 * i, "INFO", "manager", "m" + i));
      write("worker-0.log", line(2 * i + 1, "INFO", "worker-0", "w" + i));
    }
    try (Logs logs = new Logs(directory, all())) {
      logs.read(3, this::show);
    }
    assertThat(shown).hasSize(3).last().asString().endsWith("w9");
    assertThat(shown.getFirst()).endsWith("w8");
  }

  @Test
  void onlyWhatIsAskedForIsShown() throws Exception {
    write("manager.log", line(1, "WARN", "manager", "m"));
    write("worker-1.log", line(1, "WARN", "worker-1", "old"));
    write(
        "worker-1.log",
        line(8, "INFO", "worker-1", "fine"),
        line(9, "WARN", "worker-1", "new"),
        line(10, "ERROR", "worker-1", "worse"));
    Instant since = Instant.parse("2026-11-29T09:00:05Z");
    try (Logs logs = new Logs(directory, new Logs.Query("worker-1", LogEntry.Level.WARN, since))) {
      logs.read(Integer.MAX_VALUE, this::show);
    }
    assertThat(shown)
        .containsExactly(
            line(9, "WARN", "worker-1", "new"), line(10, "ERROR", "worker-1", "worse"));
  }

  @Test
  void formerFilesComeBeforeThePresentOne() throws Exception {
    write("manager.log.2", line(1, "INFO", "manager", "a"));
    write("manager.log.1", line(2, "INFO", "manager", "b"));
    write("manager.log", line(3, "INFO", "manager", "c"));
    try (Logs logs = new Logs(directory, all())) {
      logs.read(Integer.MAX_VALUE, this::show);
    }
    assertThat(shown)
        .containsExactly(
            line(1, "INFO", "manager", "a"),
            line(2, "INFO", "manager", "b"),
            line(3, "INFO", "manager", "c"));
  }

  @Test
  void theEndOfALongFileIsReadWithoutTheRest() throws Exception {
    String filler = "x".repeat(1_000);
    for (int i = 0; i < 400; i++) {
      write("manager.log", line(i / 10, "INFO", "manager", i + " " + filler));
    }
    try (Logs logs = new Logs(directory, all())) {
      logs.read(2, this::show);
    }
    assertThat(shown)
        .containsExactly(
            line(39, "INFO", "manager", "398 " + filler),
            line(39, "INFO", "manager", "399 " + filler));
  }

  @Test
  void followingGoesOnAcrossARotationAndWithNewWorkers() throws Exception {
    write("manager.log", line(1, "INFO", "manager", "before"));
    try (Logs logs = new Logs(directory, all())) {
      logs.read(0, this::show);
      logs.poll(this::show);
      assertThat(shown).isEmpty();
      write("manager.log", line(2, "INFO", "manager", "a"));
      Files.move(directory.resolve("manager.log"), directory.resolve("manager.log.1"));
      logs.poll(this::show);
      write("manager.log", line(4, "INFO", "manager", "c"));
      write("manager.log.1", line(3, "INFO", "manager", "b, of one that has not noticed"));
      write("worker-2.log", line(5, "INFO", "worker-2", "d"));
      logs.poll(this::show);
      logs.poll(this::show);
    }
    assertThat(shown)
        .containsExactly(
            line(2, "INFO", "manager", "a"),
            line(3, "INFO", "manager", "b, of one that has not noticed"),
            line(4, "INFO", "manager", "c"),
            line(5, "INFO", "worker-2", "d"));
  }

  @Test
  void aLineIsShownOnceItIsWhole() throws Exception {
    Path file = directory.resolve("manager.log");
    String line = line(1, "INFO", "manager", "é");
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    try (Logs logs = new Logs(directory, all())) {
      logs.read(10, this::show);
      for (int i = 0; i < bytes.length; i++) {
        assertThat(shown).isEmpty();
        Files.write(
            file, new byte[] {bytes[i]}, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        logs.poll(this::show);
      }
    }
    assertThat(shown).containsExactly(line);
  }

  @Test
  void aLineAndATraceWithoutEndAreCut() throws Exception {
    write("manager.log", line(1, "INFO", "manager", "x".repeat(200_000)));
    write("manager.log", "\tat y\n".repeat(2_500).strip());
    try (Logs logs = new Logs(directory, all())) {
      logs.read(Integer.MAX_VALUE, this::show);
    }
    assertThat(shown).hasSize(3).allMatch(text -> text.length() < 300_000);
  }

  @Test
  void aLinkIsNotFollowed() throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), "s");
    Files.createSymbolicLink(directory.resolve("manager.log"), secret);
    try (Logs logs = new Logs(directory, all())) {
      assertThatThrownBy(() -> logs.read(10, this::show)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void withoutADirectoryThereAreNoLogs() throws Exception {
    try (Logs logs = new Logs(directory.resolve("none"), all())) {
      assertThat(logs.areThere()).isFalse();
      logs.read(10, this::show);
      logs.poll(this::show);
    }
    assertThat(shown).isEmpty();
  }
}
