package io.baton.worker.accesslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.config.Settings;
import io.baton.config.SettingsFixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogsTest {
  private static final Settings SETTINGS =
      SettingsFixture.settings(
          """
          listeners.web { endpoint = "unix:x", codec = raw, service = s, access-log = combined }
          listeners.json { endpoint = "unix:y", codec = raw, service = s, access-log = json }
          listeners.none { endpoint = "unix:z", codec = raw, service = s }
          """);

  @TempDir Path directory;

  private AccessLogs logs() {
    return new AccessLogs(SETTINGS.listeners(), directory, 0, ZoneOffset.UTC);
  }

  private static AccessEntry request(int number) {
    return Entries.request(Entries.get("/" + number), 200);
  }

  private List<String> lines(String name) throws IOException {
    return Files.readAllLines(directory.resolve(name));
  }

  @Test
  void eachListenerHasItsFileAndItsFormat() throws Exception {
    AccessLogs logs = logs();
    logs.of("web").add(request(1));
    logs.of("json").add(request(2));
    logs.turn();
    assertThat(lines("access-web.log")).singleElement().asString().contains("\"GET /1 HTTP/1.1\"");
    assertThat(lines("access-json.log")).singleElement().asString().startsWith("{");
    assertThat(logs.dropped()).isZero();
  }

  @Test
  void aListenerWithoutALogHasNoFile() {
    AccessLogs logs = logs();
    assertThat(logs.of("none").isOn()).isFalse();
    logs.of("none").add(request(1));
    logs.turn();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aLineThatFindsTheRingFullIsDroppedAndCounted() throws Exception {
    AccessLogs logs = logs();
    for (int i = 0; i < AccessLogs.SIZE + 5; i++) {
      logs.of("web").add(request(i));
    }
    assertThat(logs.dropped()).isEqualTo(5);
    logs.turn();
    assertThat(lines("access-web.log")).hasSize(AccessLogs.SIZE);
    logs.of("web").add(request(7));
    logs.turn();
    assertThat(lines("access-web.log")).hasSize(AccessLogs.SIZE + 1);
    assertThat(logs.dropped()).isEqualTo(5);
  }

  @Test
  void aMovedFileIsWrittenToUntilFilesAreOpenedAnew() throws Exception {
    AccessLogs logs = logs();
    logs.of("web").add(request(1));
    logs.turn();
    Files.move(directory.resolve("access-web.log"), directory.resolve("old"));
    logs.of("web").add(request(2));
    logs.turn();
    assertThat(lines("old")).hasSize(2);
    logs.reopen();
    logs.turn();
    assertThat(directory.resolve("access-web.log")).isEmptyFile();
    logs.of("web").add(request(3));
    logs.turn();
    assertThat(lines("old")).hasSize(2);
    assertThat(lines("access-web.log")).singleElement().asString().contains("/3 ");
  }

  @Test
  void aFileThatCannotBeWrittenLosesLinesUntilItCan() throws Exception {
    Path inItsPlace = Files.createDirectory(directory.resolve("access-web.log"));
    AccessLogs logs = logs();
    logs.of("web").add(request(1));
    logs.of("web").add(request(2));
    logs.turn();
    assertThat(logs.dropped()).isEqualTo(2);
    Files.delete(inItsPlace);
    logs.of("web").add(request(3));
    logs.turn();
    assertThat(lines("access-web.log")).singleElement().asString().contains("/3 ");
    assertThat(logs.dropped()).isEqualTo(2);
  }

  @Test
  void aLinkInTheFilesPlaceIsNotFollowed() throws Exception {
    Path elsewhere = Files.createFile(directory.resolve("elsewhere"));
    Files.createSymbolicLink(directory.resolve("access-web.log"), elsewhere);
    AccessLogs logs = logs();
    logs.of("web").add(request(1));
    logs.turn();
    assertThat(elsewhere).isEmptyFile();
    assertThat(logs.dropped()).isEqualTo(1);
  }

  @Test
  void aFullDiskIsToldWithWhatIsNotWritten() {
    AccessLogFile full = new AccessLogFile(Path.of("/dev/full"));
    ByteBuffer lines = ByteBuffer.wrap("one\ntwo\n".getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(() -> full.write(lines)).hasMessageContaining("No space left on device");
    assertThat(lines.remaining()).isEqualTo(8);
  }

  @Test
  void whatWaitsAtTheEndIsWritten() throws Exception {
    AccessLogs logs = AccessLogs.open(SETTINGS.listeners(), directory, 0);
    for (int i = 0; i < 1_000; i++) {
      logs.of("web").add(request(i));
    }
    logs.close();
    assertThat(lines("access-web.log")).hasSize(1_000);
    assertThat(directory.resolve("access-json.log")).isEmptyFile();
  }

  @Test
  void linesOfSeveralWorkersInOneFileStayWhole() throws Exception {
    List<Thread> workers = new ArrayList<>();
    for (int worker = 0; worker < 4; worker++) {
      AccessLogs logs = logs();
      workers.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 2_000; i++) {
                  logs.of("web").add(request(i));
                  if (i % 7 == 0) {
                    logs.turn();
                  }
                }
                logs.turn();
              }));
    }
    for (Thread worker : workers) {
      worker.join();
    }
    assertThat(lines("access-web.log"))
        .hasSize(8_000)
        .allMatch(line -> line.startsWith("192.0.2.7 - ") && line.endsWith("\"curl/8.5.0\""));
  }
}
