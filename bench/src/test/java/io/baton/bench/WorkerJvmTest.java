package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerJvmTest {
  @Test
  void theJarsOfAWorkerAreFoundFromAnyDirectory() {
    WorkerJvm worker =
        new WorkerJvm(
            List.of("java", "-Xmx1m", "-cp", "generation-1/a.jar:/lib/b.jar", "Main"),
            Path.of("/run"));

    assertThat(worker.command(Path.of("/home"), List.of("-Da=1"), WorkerJvmTest.class, "argument"))
        .containsExactly(
            "java",
            "-Xmx1m",
            "-Dbaton.appender=STDOUT",
            "-XX:AOTMode=off",
            "-Da=1",
            "-cp",
            "/run/generation-1/a.jar:/lib/b.jar:/home/bench/target/baton-bench.jar:/home/bench/target/lib/*",
            WorkerJvmTest.class.getName(),
            "argument");
  }
}
