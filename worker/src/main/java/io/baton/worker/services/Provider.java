package io.baton.worker.services;

import java.util.Set;

/** A worker and the services that it offers. */
final class Provider {
  final long worker;
  int slot;
  Set<String> names = Set.of();

  /** Others are to be asked, if there are any. */
  boolean leaving;

  /** How many questions it was answering when it last said so. */
  int load;

  /** How many questions of this worker it has not answered. */
  int asked;

  Provider(long worker) {
    this.worker = worker;
  }

  /** Of two that offer a service, the one to ask has less of this. */
  int busy() {
    return load + asked;
  }

  /** Whether it, of the same slot as the other, is to be asked rather than that. */
  boolean succeeds(Provider other) {
    return leaving == other.leaving ? worker > other.worker : other.leaving;
  }

  @Override
  public String toString() {
    return "worker " + slot;
  }
}
