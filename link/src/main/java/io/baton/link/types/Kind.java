package io.baton.link.types;

import java.util.List;

/**
 * The kind of a value in a schema, from which follows how its bytes are read.
 *
 * @param tag the first number of its bytes: below {@link #NAMED} that of a {@link Scalar}
 * @param index of a named kind, the place of its definition in the schema; of a union, 1 if null is
 *     its first branch
 * @param parts of a list, the kind of its elements; of a map, those of its keys and values; of a
 *     union, its members beside null, of which several are all records
 */
record Kind(int tag, int index, List<Kind> parts) {
  /** A record or enum. */
  static final int NAMED = 32;

  /** Elements one after the other. A set is the same. */
  static final int LIST = 33;

  /**
   * Pairs of a key and a value: in Avro a map if the keys are strings, else an array of records.
   */
  static final int MAP = 34;

  static final int UNION = 35;

  static Kind named(int index) {
    return new Kind(NAMED, index, List.of());
  }

  static Kind list(Kind elements) {
    return new Kind(LIST, 0, List.of(elements));
  }

  static Kind map(Kind keys, Kind values) {
    return new Kind(MAP, 0, List.of(keys, values));
  }

  static Kind union(boolean nullable, List<Kind> members) {
    return new Kind(UNION, nullable ? 1 : 0, members);
  }

  Kind part(int i) {
    return parts.get(i);
  }

  boolean isUnion() {
    return tag == UNION;
  }

  boolean hasStringKeys() {
    return part(0).equals(Scalar.STRING.kind());
  }
}
