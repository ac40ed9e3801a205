package io.baton.link.types;

import java.util.List;

/** A type of a schema that has a name. */
sealed interface Definition {
  String name();

  /** Fields one after the other. */
  record Struct(String name, List<Field> fields) implements Definition {}

  /** A field, found by its name. */
  record Field(String name, Kind kind) {}

  /** Constants, written as the index of their name. */
  record Enumeration(String name, List<String> symbols) implements Definition {}
}
