package io.baton.worker.memory;

/** A connection as the one who watches over the memory sees it. Event loop only. */
public interface Holder {

  /** How many bytes it holds now, of all kinds. */
  long held();

  /** How many of them ending it would free at once: not what a service is still working on. */
  long releasable();

  /** Stops reading it, until {@link #readOn}. */
  void holdBack();

  /** Ends what {@link #holdBack} began. */
  void readOn();

  /** Ends it, in its protocol's words for "try again later" where they can still be heard. */
  void evict();
}
