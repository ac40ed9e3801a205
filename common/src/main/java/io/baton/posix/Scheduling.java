package io.baton.posix;

import static io.baton.posix.LibC.C;
import static io.baton.posix.PosixException.check;

/** How the kernel shares the processor out (sched(7)), for the calling thread. */
public final class Scheduling {
  private static final int SCHED_OTHER = 0;
  private static final int SCHED_BATCH = 3;
  private static final int CALLING_THREAD = 0;

  private Scheduling() {}

  /**
   * From now on the calling thread, and all threads and processes that it starts, do not interrupt
   * others when they wake up (SCHED_BATCH). Nothing changes if they run under another policy than
   * the usual one: somebody has chosen that.
   *
   * @return whether it is so now
   * @throws PosixException if the kernel does not let it, as in a sandbox that forbids the call
   */
  public static boolean batch() throws PosixException {
    int policy = check("sched_getscheduler", LibC.result(C.sched_getscheduler(CALLING_THREAD)));
    if (policy != SCHED_OTHER) {
      return policy == SCHED_BATCH;
    }
    Memory parameters = new Memory(Integer.BYTES); // the priority, which this policy has none of
    check(
        "sched_setscheduler",
        LibC.result(C.sched_setscheduler(CALLING_THREAD, SCHED_BATCH, parameters.pointer)));
    return true;
  }
}
