package io.baton.link.types;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The kind of a value in a schema, from which follows how its bytes are read. */
sealed interface Kind permits Scalar, Kind.Named, Kind.ListOf, Kind.MapOf, Kind.Union {
  /** A record or enum: the one of the schema's definitions with this index. */
  record Named(int index) implements Kind {}

  /** Elements one after the other. A set is the same. */
  record ListOf(Kind items) implements Kind {}

  /**
   * Pairs of a key and a value: in Avro a map if the keys are strings, else an array of records.
   */
  record MapOf(Kind keys, Kind values) implements Kind {}

  /** Either null, if it is nullable, or one of the members; more than one are all records. */
  record Union(boolean nullable, List<Kind> members) implements Kind {
    /** Returns the number of branches, null included; null is the first. */
    int branches() {
      return members.size() + (nullable ? 1 : 0);
    }
  }

  /** Describes a kind for a person. */
  static String describe(Kind kind, Schema schema) {
    return switch (kind) {
      case Scalar scalar -> scalar.word();
      case Named named -> schema.definition(named).name();
      case ListOf list -> "list of " + describe(list.items(), schema);
      case MapOf map ->
          "map of %s to %s".formatted(describe(map.keys(), schema), describe(map.values(), schema));
      case Union union ->
          Stream.concat(
                  union.nullable() ? Stream.of("null") : Stream.empty(),
                  union.members().stream().map(member -> describe(member, schema)))
              .collect(Collectors.joining(" or "));
    };
  }
}
