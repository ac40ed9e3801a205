package io.baton.manager.process;

import io.baton.manager.fleet.Generation;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Give;
import io.baton.pipe.Pipe;
import io.baton.posix.Fd;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One worker's process as the kernel knows it.
 *
 * @param generation whose indexes are meant when the worker speaks of listeners
 * @param pidfd readable when it has ended
 * @param pipe our end
 * @param recall our duplicate of its end, out of which we can take what it has not received
 * @param output what it prints; null: to our own
 * @param placed the clients that it is sent next
 * @param outbox what is to be said to it and did not fit into the pipe yet
 */
record WorkerProcess(
    long worker,
    Generation generation,
    int pid,
    Fd pidfd,
    Pipe pipe,
    Pipe recall,
    @Nullable Path output,
    Placed placed,
    Deque<Message> outbox) {

  /** Control messages are few; a worker that reads none of so many is hung, and found to be. */
  private static final int MAX_OUTBOX = 64;

  WorkerProcess(
      long worker,
      Generation generation,
      int pid,
      Fd pidfd,
      Pipe pipe,
      Pipe recall,
      @Nullable Path output) {
    this(worker, generation, pid, pidfd, pipe, recall, output, new Placed(), new ArrayDeque<>());
  }

  /** Says it now or, if the pipe is full, as soon as there is room. */
  void tell(Message message) {
    if (message instanceof Give) {
      outbox.removeIf(Give.class::isInstance); // the later total is the one that counts
    }
    if (outbox.size() < MAX_OUTBOX) {
      outbox.addLast(message);
    }
    pipe.flush(outbox);
  }

  /** Has to say again what was taken back, before all that was to be said after it. */
  void tellAgain(List<Message> taken) {
    taken.reversed().forEach(outbox::addFirst);
  }
}
