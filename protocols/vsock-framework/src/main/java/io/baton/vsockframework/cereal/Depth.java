package io.baton.vsockframework.cereal;

/** A count of the records and pointees that are inside each other, which is bounded. */
final class Depth {
  private static final int MAX = 64;

  private int depth;

  /** Begins a record or a pointee. */
  void enter() throws CerealException {
    if (++depth > MAX) {
      throw new CerealException("more than %d levels inside each other".formatted(MAX));
    }
  }

  /** Ends it. */
  void leave() {
    depth--;
  }
}
