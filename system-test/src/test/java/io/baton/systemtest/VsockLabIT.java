package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * A kernel's own AF_VSOCK, in a guest that {@code system-test/vsock/lab} boots: each check there is
 * a line on its console. What they check is in {@link io.baton.systemtest.vsock.Lab}.
 */
class VsockLabIT {
  private static final List<String> CHECKS =
      List.of(
          "start",
          "echo-raw",
          "echo-frame",
          "http",
          "both-workers",
          "peer",
          "peer-hash",
          "crowd",
          "half-close",
          "abrupt-close",
          "transfer",
          "worker-killed",
          "reload",
          "link",
          "link-stream",
          "link-clock",
          "framework",
          "framework-clock",
          "port-in-use",
          "foreign-cid",
          "stop");

  /** The script's word for a machine that lacks something. */
  private static final int LACKING = 77;

  /** Making what is kept for the next time comes on top of the guest's own bound. */
  private static final int TIMEOUT_MINUTES = 20;

  private static final int CONSOLE_LINES = 120;
  private static final Pattern OK = Pattern.compile("LAB ok (\\S+) .*");

  @Test
  void aGuestServesVsockClientsOfAllKinds() throws Exception {
    Path output = Files.createTempFile("baton-lab", "");
    try {
      int exit = lab(output);
      List<String> lines = Files.readAllLines(output);
      if (exit == LACKING) {
        String line = "SKIPPED: VsockLabIT: " + lines.getLast();
        System.out.println(line);
        Assumptions.abort(line);
      }
      String end =
          String.join("\n", lines.subList(Math.max(0, lines.size() - CONSOLE_LINES), lines.size()));
      assertThat(lines.stream().map(OK::matcher).filter(m -> m.matches()).map(m -> m.group(1)))
          .as("the lab ended with %d and said:\n%s", exit, end)
          .containsExactlyElementsOf(CHECKS);
      assertThat(lines).as(end).contains("LAB done " + CHECKS.size());
      assertThat(lines).as(end).noneMatch(line -> line.startsWith("LAB failed"));
      assertThat(exit).as(end).isZero();
    } finally {
      Files.delete(output);
    }
  }

  private static int lab(Path output) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(TestServer.HOME.resolve("system-test/vsock/lab").toString())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    if (Nightly.isOn()) {
      builder.environment().put("BATON_LAB_NIGHTLY", "yes");
    }
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES))
          .as("the lab ends; so far it said:\n%s", Files.readString(output))
          .isTrue();
      return process.exitValue();
    } finally {
      process.destroy(); // it then ends the emulator
      process.waitFor();
    }
  }
}
