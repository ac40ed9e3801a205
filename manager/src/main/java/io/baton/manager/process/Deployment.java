package io.baton.manager.process;

import io.baton.manager.fleet.Generation;
import io.baton.posix.Fd;
import io.baton.posix.MemFd;
import io.baton.posix.PosixException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that it takes to start a worker of one generation, unchangeable from outside: what is edited
 * or replaced on disk later is another generation's.
 *
 * @param configuration the concluded one, a sealed memory file, which each worker is sent
 */
public record Deployment(
    Generation generation, Fd configuration, Launcher launcher, GenerationFiles files) {
  private static final Logger log = LoggerFactory.getLogger(Deployment.class);

  /**
   * Becomes the owner of the files.
   *
   * @param concluded the configuration's text
   */
  public static Deployment of(
      Generation generation, String concluded, Launcher launcher, GenerationFiles files)
      throws PosixException {
    Fd configuration =
        MemFd.sealed("baton-configuration", concluded.getBytes(StandardCharsets.UTF_8));
    return new Deployment(generation, configuration, launcher, files);
  }

  /** Has missing files written again, in a thread of their own. */
  void restore() {
    Thread.ofPlatform()
        .name("restore-generation-" + generation.number())
        .start(() -> {
          try {
            if (files.restore()) {
              log.warn(
                  "files of generation {} had vanished and were written again",
                  generation.number());
            }
          } catch (IOException e) {
            log.error(
                "files of generation {} cannot be written again: {}",
                generation.number(),
                e.toString());
          }
        });
  }

  /** No worker of it is left, nor will there be one. Its files go in a thread of their own. */
  public void discard() {
    configuration.release();
    Thread.ofPlatform().name("remove-generation-" + generation.number()).start(files::remove);
  }
}
