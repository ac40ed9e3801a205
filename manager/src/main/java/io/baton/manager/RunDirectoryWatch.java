package io.baton.manager;

import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every second whether the run directory is there, on a thread of its own, and makes it again
 * with its lock and the files that workers start from: somebody may have cleaned up.
 */
final class RunDirectoryWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RunDirectoryWatch.class);
  private static final long LOOK_MS = 1_000;
  private static final long END_MS = 5_000;

  private final RunDirectory directory;
  private final Deployer deployer;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("run-directory").factory());

  /** What was said of it last: it is said once. */
  private String problem = "";

  RunDirectoryWatch(RunDirectory directory, Deployer deployer) {
    this.directory = directory;
    this.deployer = deployer;
    var _ = thread.scheduleWithFixedDelay(this::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      if (directory.restore()) {
        directory.enter();
        log.warn(
            "the run directory or its lock had vanished and was created again; its other contents"
                + " are lost: bin/reload creates socket files again");
      }
      if (deployer.restoreFiles()) {
        log.warn(
            "files that workers start from had vanished from the run directory and were"
                + " written again");
      }
      problem = "";
    } catch (Failure e) {
      complain(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      complain(RunDirectory.describe(e));
    } catch (RuntimeException e) {
      complain(e.toString());
    }
  }

  private void complain(String now) {
    if (!now.equals(problem)) {
      problem = now;
      log.error(
          "the run directory has vanished and cannot be created again, so workers that end are not"
              + " replaced: {}; tried again every second",
          now);
    }
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(END_MS, TimeUnit.MILLISECONDS)) {
        log.warn("the run directory was still being created again when the server ended");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
