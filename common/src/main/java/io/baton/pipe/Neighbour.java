package io.baton.pipe;

import java.util.ArrayList;
import java.util.List;

/**
 * A worker as another worker knows it.
 *
 * @param worker number of its process for as long as the manager runs
 */
public record Neighbour(long worker, int slot, int generation) {

  /** Writes their number as a u8, and each as {@code i64 worker, i32 slot, i32 generation}. */
  static void write(List<Neighbour> neighbours, FieldWriter to) {
    to.u8(neighbours.size());
    neighbours.forEach(each -> to.i64(each.worker).i32(each.slot).i32(each.generation));
  }

  /** Reads what {@link #write} has written. */
  static List<Neighbour> read(FieldReader from) throws MalformedMessageException {
    int count = from.u8();
    if (count > Message.MAX_NEIGHBOURS) {
      throw new MalformedMessageException("a list of " + count + " neighbours");
    }
    List<Neighbour> neighbours = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      neighbours.add(new Neighbour(from.i64(), from.i32(), from.i32()));
    }
    return neighbours;
  }

  /** As the operator knows it. */
  @Override
  public String toString() {
    return "worker " + slot + " of generation " + generation;
  }
}
