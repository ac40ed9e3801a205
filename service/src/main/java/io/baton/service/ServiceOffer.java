package io.baton.service;

/**
 * A worker that offers a named service.
 *
 * @param machine the machine that it is on, as in the log of workers; empty for this one
 * @param slot of the worker, which its successor keeps
 * @param load number of questions, of any name, that the worker was answering a short while ago
 */
public record ServiceOffer(String machine, int slot, int load) {
  /** Makes the offer of a worker of this machine. */
  public ServiceOffer(int slot, int load) {
    this("", slot, load);
  }

  /** Returns whether the worker is on this machine. */
  public boolean isHere() {
    return machine.isEmpty();
  }
}
