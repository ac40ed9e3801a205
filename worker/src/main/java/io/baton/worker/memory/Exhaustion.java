package io.baton.worker.memory;

import java.util.function.Consumer;

/**
 * Notices that the memory outside of the heap is used up: when an allocation has failed, or a
 * little earlier. Connections cannot have done that, because the {@link ByteBudget} bounds them; a
 * service that never releases its buffers can. There is no way back from it, so it is told once.
 * Event loop only.
 */
public final class Exhaustion {
  /** This much of the direct memory is as good as all of it, in percent. */
  static final int FULL_PERCENT = 95;

  /**
   * So many looks in a row must find it so: what connections have let go of is free a bit later.
   */
  static final int FULL_LOOKS = 10;

  private final MemoryLimits memory;
  private final Runnable relieve;
  private final Consumer<String> told;
  private int fullLooks;
  private boolean over;

  /**
   * @param relieve takes memory back from connections
   * @param told why, in one line
   */
  public Exhaustion(MemoryLimits memory, Runnable relieve, Consumer<String> told) {
    this.memory = memory;
    this.relieve = relieve;
    this.told = told;
  }

  /** An allocation has failed. */
  public void failed(OutOfMemoryError error) {
    if (memory.budget().level() == ByteBudget.Level.AMPLE) {
      tell("an allocation failed: " + error.getMessage());
    } else {
      relieve.run();
    }
  }

  /** Looks how things are; to be called now and then. */
  public void look() {
    boolean full =
        memory.directUsed().getAsLong() > memory.directLimit() / 100 * FULL_PERCENT
            && memory.budget().level() == ByteBudget.Level.AMPLE;
    fullLooks = full ? fullLooks + 1 : 0;
    if (fullLooks == FULL_LOOKS) {
      tell("nearly all direct memory is used");
    }
  }

  private void tell(String what) {
    if (!over) {
      over = true;
      told.accept(
          "%s (%d of %d KiB of direct memory used, of which connections hold %d KiB: does a service not release its buffers?)"
              .formatted(
                  what,
                  memory.directUsed().getAsLong() / 1024,
                  memory.directLimit() / 1024,
                  memory.budget().held() / 1024));
    }
  }
}
