package io.baton.manager.process;

import io.baton.pipe.Neighbour;
import io.baton.posix.Fd;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One worker's process as the kernel knows it.
 *
 * @param name of the worker, as its neighbours know it
 * @param pidfd readable when the process has ended
 * @param pipe to the worker
 * @param output the file of its standard output and error; null: our own
 */
record WorkerProcess(Neighbour name, int pid, Fd pidfd, WorkerPipe pipe, @Nullable Path output) {

  long worker() {
    return name.worker();
  }
}
