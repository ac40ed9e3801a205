package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The definitions of sessions that have one, once for all sessions of the process: both sides of
 * all sessions of a service usually define the same. The last {@value #MAX_SETS} are remembered, of
 * at most {@value #MAX_BYTES} bytes each. Safe for any thread.
 */
final class SharedDefinitions {
  static final int MAX_SETS = 64;
  static final int MAX_BYTES = 4_096;

  static final SharedDefinitions OF_ALL = new SharedDefinitions();

  /** By their frames. */
  private final Map<ByteBuffer, Definitions> sets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Definitions> eldest) {
          return size() > MAX_SETS;
        }
      };

  /** Returns the definitions that have this one only. */
  synchronized Definitions of(int id, ByteBuffer schema) {
    if (schema.remaining() > MAX_BYTES) {
      return Definitions.NONE.plus(id, schema);
    }
    return sets.computeIfAbsent(
        ByteBuffer.wrap(Definitions.toFrame(id, schema)),
        ignored -> Definitions.NONE.plus(id, schema));
  }
}
