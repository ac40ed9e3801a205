package io.baton.manager.process;

import io.baton.manager.fleet.Generation;
import io.baton.posix.Fd;
import io.baton.posix.MemFd;
import io.baton.posix.PosixException;
import java.nio.charset.StandardCharsets;

/**
 * All that it takes to start a worker of one generation, unchangeable from outside: what is edited
 * or replaced on disk later is another generation's.
 *
 * @param configuration the concluded one, a sealed memory file, which each worker is sent
 */
public record Deployment(
    Generation generation, Fd configuration, Launcher launcher, GenerationFiles files) {

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

  /** No worker of it is left, nor will there be one. Its files go in a thread of their own. */
  public void discard() {
    configuration.release();
    Thread.ofPlatform().name("remove-generation-" + generation.number()).start(files::remove);
  }
}
