package io.baton.manager.process;

import io.baton.pipe.Message;
import io.baton.pipe.Pipe;
import io.baton.posix.Fd;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One worker's process as the kernel knows it.
 *
 * @param pidfd readable when it has ended
 * @param pipe our end
 * @param recall our duplicate of its end, out of which we can take what it has not received
 * @param outbox what is to be said to it and did not fit into the pipe yet
 */
record WorkerProcess(
    long worker, int slot, int pid, Fd pidfd, Pipe pipe, Pipe recall, Deque<Message> outbox) {

  /** Control messages are few; a worker that reads none of so many is hung, and found to be. */
  private static final int MAX_OUTBOX = 64;

  WorkerProcess(long worker, int slot, int pid, Fd pidfd, Pipe pipe, Pipe recall) {
    this(worker, slot, pid, pidfd, pipe, recall, new ArrayDeque<>());
  }

  /** Says it now or, if the pipe is full, as soon as there is room. */
  void tell(Message message) {
    if (outbox.size() < MAX_OUTBOX) {
      outbox.addLast(message);
    }
    pipe.flush(outbox);
  }
}
