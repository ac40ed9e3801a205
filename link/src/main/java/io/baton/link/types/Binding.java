package io.baton.link.types;

import org.jspecify.annotations.Nullable;

/**
 * A Java type of this side with the kind it is written as: how it is written, and how it is read
 * from a peer's kind, which may be another one.
 */
sealed interface Binding
    permits ScalarBinding, EnumBinding, RecordBinding, ElementsBinding, UnionBinding {
  Kind kind();

  /**
   * Writes a value.
   *
   * @param value null only where the kind has null
   */
  void write(@Nullable Object value, Output out);

  /**
   * Returns the reader from a peer's kind, which is not a union unless this one's is.
   *
   * @param where the type and field, for the refusal
   * @throws SchemaException if the kinds contradict each other
   */
  Reader reader(Kind peers, Resolver resolver, String where) throws SchemaException;

  /** Returns the value of a component that the peer does not send. */
  default @Nullable Object absent() {
    return null;
  }

  /** Returns the record of this name that this type is or has among its members, null if none. */
  default @Nullable RecordBinding record(String name) {
    return null;
  }
}
