package io.baton.link.types;

import java.util.List;

/**
 * The messages of one side: a union of records, with all records and enums they consist of. It is
 * what a peer has to know to read them. Numbers and strings of its bytes are those of Avro's binary
 * encoding (int, string):
 *
 * <pre>
 * schema     = version (1) types definition*types kind              the last is a union: the messages
 * definition = 0 name fields (name kind)*fields                     record
 *            | 1 name constants name*constants                      enum
 * kind       = 0 boolean | 1 int | 2 long | 3 float | 4 double | 5 bytes | 6 string | 7 decimal
 *            | 8 uuid | 9 instant | 10 duration
 *            | 32 index                                             the definition, from 0
 *            | 33 kind                                              list or set of it
 *            | 34 kind kind                                         map: keys, values
 *            | 35 nullable (0, 1) members kind*members              union
 * </pre>
 */
record Schema(List<Definition> definitions, Kind root) {
  static final int VERSION = 1;

  /** The most bytes of a schema. */
  static final int MAX_BYTES = 64 * 1024;

  /** The most records and enums of a schema together. */
  static final int MAX_TYPES = 256;

  /** The most fields of a record of a schema. */
  static final int MAX_FIELDS = 255;

  /** Returns the definition of a named kind. */
  Definition definition(Kind named) {
    return definitions.get(named.index());
  }

  boolean isRecord(Kind kind) {
    return kind.tag() == Kind.NAMED && definition(kind).isRecord();
  }

  byte[] bytes() {
    Output out = new Output(Integer.MAX_VALUE - 8);
    out.writeLong(VERSION);
    out.writeLong(definitions.size());
    for (Definition definition : definitions) {
      out.writeLong(definition.isRecord() ? 0 : 1);
      out.writeString(definition.name());
      out.writeLong(definition.members().size());
      for (int i = 0; i < definition.members().size(); i++) {
        out.writeString(definition.members().get(i));
        if (definition.isRecord()) {
          write(definition.kinds().get(i), out);
        }
      }
    }
    write(root, out);
    return out.toByteArray();
  }

  private static void write(Kind kind, Output out) {
    out.writeLong(kind.tag());
    if (kind.isUnion() || kind.tag() == Kind.NAMED) {
      out.writeLong(kind.index());
    }
    if (kind.isUnion()) {
      out.writeLong(kind.parts().size());
    }
    kind.parts().forEach(part -> write(part, out));
  }

  /** Describes a kind for a person. */
  String describe(Kind kind) {
    return switch (kind.tag()) {
      case Kind.NAMED -> definition(kind).name();
      case Kind.LIST -> "list of " + describe(kind.part(0));
      case Kind.MAP -> "map of " + describe(kind.part(0)) + " to " + describe(kind.part(1));
      case Kind.UNION ->
          (kind.index() == 1 ? "null or " : "")
              + String.join(" or ", kind.parts().stream().map(this::describe).toList());
      default -> Scalar.of(kind).word();
    };
  }
}
