package io.baton.link.service;

import io.baton.link.TypeSet;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The type sets that clients announce, one object for all sessions of the process: clients of one
 * program announce the same, and how it is read has to be found out once. The last {@value
 * #MAX_SETS} are remembered, of at most {@value #MAX_BYTES} bytes each.
 */
final class SharedTypes {
  static final int MAX_SETS = 64;
  static final int MAX_BYTES = 4_096;

  static final SharedTypes OF_ALL = new SharedTypes();

  private final Map<ByteBuffer, TypeSet> sets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, TypeSet> eldest) {
          return size() > MAX_SETS;
        }
      };

  /**
   * Returns the set with this schema.
   *
   * @param schema not changed any more
   */
  synchronized TypeSet of(byte[] schema) {
    return schema.length > MAX_BYTES
        ? new TypeSet(schema)
        : sets.computeIfAbsent(ByteBuffer.wrap(schema), ignored -> new TypeSet(schema));
  }
}
