package io.baton.manager.process;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerOutputFilesTest {
  @TempDir private Path dir;

  @Test
  void noTwoLivingWorkersWriteToOneFileAndEachHasItsOwnLastWords() throws Exception {
    WorkerOutputFiles outputs = WorkerOutputFiles.files(dir);
    Path former = requireNonNull(outputs.take(0));
    Files.writeString(former, "all is well\n");
    Path next = requireNonNull(outputs.take(0));
    Files.writeString(next, "out of memory\n");
    assertThat(former).isEqualTo(dir.resolve("worker-0.out")).hasContent("all is well");
    assertThat(next).isEqualTo(dir.resolve("worker-0-2.out"));
    assertThat(outputs.free(next)).isEqualTo("out of memory\n");
    assertThat(outputs.take(0)).isEqualTo(next).doesNotExist();
    assertThat(dir.resolve("worker-0-2.out.1")).hasContent("out of memory");
    assertThat(outputs.free(former)).isEqualTo("all is well\n");
    assertThat(outputs.take(0)).isEqualTo(former);
  }

  @Test
  void theLastFiveInWhichThereIsSomethingAreKept() throws Exception {
    WorkerOutputFiles outputs = WorkerOutputFiles.files(dir);
    for (int i = 1; i <= 8; i++) {
      Path file = requireNonNull(outputs.take(0));
      Files.writeString(file, "life " + i);
      outputs.free(file);
      outputs.free(requireNonNull(outputs.take(1))); // of another slot, and silent
      Path silent = requireNonNull(outputs.take(0));
      Files.createFile(silent);
      outputs.free(silent);
    }
    for (int n = 1; n <= 5; n++) {
      assertThat(dir.resolve("worker-0.out." + n)).hasContent("life " + (9 - n));
    }
    assertThat(dir.resolve("worker-0.out.6")).doesNotExist();
  }

  @Test
  void aLinkInTheirPlaceIsMovedAwayAndNeverFollowed() throws Exception {
    Path precious = Files.writeString(dir.resolve("precious"), "precious\n");
    Path link = Files.createSymbolicLink(dir.resolve("worker-0.out"), precious);
    WorkerOutputFiles outputs = WorkerOutputFiles.files(dir);
    Path file = requireNonNull(outputs.take(0));
    assertThat(file).isEqualTo(link);
    assertThat(Files.isSymbolicLink(file)).isFalse();
    Files.createSymbolicLink(file, precious);
    assertThat(outputs.free(file)).isEmpty();
    assertThat(precious).hasContent("precious");
  }

  @Test
  void whoPrintedNothingHasNoLastWords() throws Exception {
    WorkerOutputFiles outputs = WorkerOutputFiles.files(dir);
    Path silent = requireNonNull(outputs.take(0));
    assertThat(outputs.free(silent)).isEmpty();
    assertThat(WorkerOutputFiles.ours().take(0)).isNull();
    assertThat(WorkerOutputFiles.ours().free(null)).isEmpty();
  }
}
