package io.baton.bench;

import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A certificate for localhost with a key on P-256, of a day, in a directory that goes when it is
 * closed.
 */
record Certificate(Path chain, Path key) implements AutoCloseable {
  private static final Duration AT_MOST = Duration.ofMinutes(1);

  static Certificate make() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("baton-bench-certificate");
    Certificate made = new Certificate(directory.resolve("chain"), directory.resolve("key"));
    List<String> command =
        new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes", "-days", "1"));
    command.addAll(List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"));
    command.addAll(List.of("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"));
    command.addAll(List.of("-out", made.chain.toString(), "-keyout", made.key.toString()));
    var _ = Command.run(command, AT_MOST).orThrow("openssl");
    return made;
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(chain);
    Files.deleteIfExists(key);
    Files.delete(chain.resolveSibling(""));
  }
}
