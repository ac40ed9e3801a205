package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AotCachesTest {
  @TempDir private Path process;

  private void process(String cmdline, String mapped) throws IOException {
    Files.writeString(process.resolve("cmdline"), cmdline.replace(' ', '\0') + "\0");
    Files.writeString(
        process.resolve("maps"),
        "7f00-7f01 r--p 0 00:10 12   " + mapped + "\n7f02-7f03 rw-p 0 00:00 0\n");
  }

  @Test
  void oneThatIsMappedIsUsed() throws Exception {
    process("java -XX:AOTCache=lib/worker.aot Main", "/opt/baton/lib/worker.aot");
    assertThat(AotCaches.unused(process)).isEmpty();
  }

  @Test
  void oneThatIsNotMappedIsNamed() throws Exception {
    process("java -XX:AOTCache=lib/worker.aot Main", "/opt/jdk/lib/modules");
    assertThat(AotCaches.unused(process)).contains("lib/worker.aot");
  }

  @Test
  void aJvmThatWasGivenNoneMissesNone() throws Exception {
    process("java Main", "/opt/jdk/lib/modules");
    assertThat(AotCaches.unused(process)).isEmpty();
  }

  @Test
  void ofAProcessThatIsGoneNothingIsSaid() {
    assertThat(AotCaches.warnings(Stream.of((long) Integer.MAX_VALUE))).isEmpty();
  }
}
