package io.baton.link;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The message types of one side as it announces them: the schema of a sealed interface of records.
 * Messages name their set. One object stands for one announcement, of one session or several, and
 * remembers how its messages are read. Safe for use by several threads.
 */
public final class TypeSet {
  private final byte[] schema;
  private final int hash;
  private volatile @Nullable Memory memory;

  /** What a reader of this set's messages wants to find again. */
  private record Memory(Object reader, Object plan) {}

  /**
   * Copies the schema.
   *
   * @param schema as {@link io.baton.link.types.Types#schema} returns it
   */
  public TypeSet(byte[] schema) {
    this.schema = schema.clone();
    this.hash = Arrays.hashCode(schema);
  }

  /** Returns a copy of the schema. */
  public byte[] schema() {
    return schema.clone();
  }

  /** Returns what this reader has remembered last; null if another has since, or none. */
  @Nullable Object recall(Object reader) {
    Memory last = memory;
    return last != null && last.reader.equals(reader) ? last.plan : null;
  }

  void remember(Object reader, Object plan) {
    memory = new Memory(reader, plan);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other == this || (other instanceof TypeSet set && Arrays.equals(schema, set.schema));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return "a type set of " + schema.length + " bytes";
  }
}
