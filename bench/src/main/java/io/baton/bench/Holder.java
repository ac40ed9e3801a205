package io.baton.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.util.List;

/**
 * A {@code load hold}: a process that has connections open and says something on each when told.
 */
final class Holder implements AutoCloseable {
  private final Process process;
  private final BufferedReader says;
  private final Writer told;

  private Holder(Process process) {
    this.process = process;
    this.says = process.inputReader();
    this.told = process.outputWriter();
  }

  /** Starts it; {@link #said} is the opening. */
  static Holder start(List<String> command) throws IOException {
    return new Holder(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** One exchange on each of its connections. */
  Leg ask() throws IOException {
    told.write("ask\n");
    told.flush();
    return said();
  }

  /** Waits for what it says next; the server's CPU is not in it. */
  Leg said() throws IOException {
    String line = says.readLine();
    if (line == null) {
      throw new BenchException("a generator ended; it said above why");
    }
    return Leg.parse(line, Cpu.NONE);
  }

  /** All its connections are reset. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}
