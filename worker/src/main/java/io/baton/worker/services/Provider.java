package io.baton.worker.services;

import java.util.Set;

/** A worker and the services that it offers. */
final class Provider {
  final long worker;

  /** Number of its machine; 0 if there are no others. */
  final long machine;

  /** Of two in one slot, the later one has more of this. */
  final long age;

  int slot;

  /** That of its place, see {@link Rendezvous#node}. */
  long node;

  Set<String> names = Set.of();

  /** Others are to be asked, if there are any. */
  boolean leaving;

  /** How many questions it was answering when it last said so. */
  int load;

  /** How many questions of this worker it has not answered. */
  int asked;

  Provider(long worker, long machine, long age) {
    this.worker = worker;
    this.machine = machine;
    this.age = age;
  }

  /** Of two that offer a service, the one to ask has less of this. */
  long busy() {
    return (long) load + asked; // others may say any numbers
  }

  /** Whether it, of the same slot as the other, is to be asked rather than that. */
  boolean succeeds(Provider other) {
    return leaving == other.leaving ? age > other.age : other.leaving;
  }

  /** The name of its place, which its successors have, too. */
  String place() {
    return (machine == 0 ? "" : Long.toHexString(machine)) + ":" + slot;
  }
}
