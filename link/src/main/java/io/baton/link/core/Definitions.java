package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The type sets of one direction by their ids: opaque bytes, only ever added. At most 256, and at
 * most {@value #MAX_BYTES} bytes together. Immutable: sessions of the same programs share one
 * object.
 */
final class Definitions {
  static final int MAX_ID = 255;
  static final int MAX_BYTES = 65_536;

  static final Definitions NONE = new Definitions(new byte[0][], 0, 0);

  /** By id, as long as the highest id needs: a session usually has one. */
  private final byte[] @Nullable [] schemas;

  private final int count;
  private final int bytes;

  private Definitions(byte[] @Nullable [] schemas, int count, int bytes) {
    this.schemas = schemas;
    this.count = count;
    this.bytes = bytes;
  }

  boolean has(int id) {
    return id < schemas.length && schemas[id] != null;
  }

  /** Returns the id of these bytes; -1 if they are not defined. */
  int find(ByteBuffer schema) {
    for (int id = 0; id < schemas.length; id++) {
      byte[] each = schemas[id];
      if (each != null && ByteBuffer.wrap(each).equals(schema)) {
        return id;
      }
    }
    return -1;
  }

  int count() {
    return count;
  }

  int bytes() {
    return bytes;
  }

  /**
   * Returns these and one more; these if they have it already, with the same bytes.
   *
   * @throws LinkProtocolException DIVERGED if it was there with other bytes, TOO_MANY if there is
   *     no room for it
   */
  Definitions with(int id, ByteBuffer schema) throws LinkProtocolException {
    byte @Nullable [] old = id < schemas.length ? schemas[id] : null;
    if (old != null) {
      if (!ByteBuffer.wrap(old).equals(schema)) {
        throw new LinkProtocolException(
            LinkCode.DIVERGED, "type set " + id + " is defined with two schemas");
      }
      return this;
    }
    if (bytes + schema.remaining() > MAX_BYTES) {
      throw new LinkProtocolException(
          LinkCode.TOO_MANY, "the schemas have more than " + MAX_BYTES + " bytes together");
    }
    return count == 0 ? Shared.OF_ALL.of(id, schema) : plus(id, schema);
  }

  /** Returns these and one more that fits. */
  private Definitions plus(int id, ByteBuffer schema) {
    byte[] copy = new byte[schema.remaining()];
    schema.duplicate().get(copy);
    byte[] @Nullable [] more = Arrays.copyOf(schemas, Math.max(schemas.length, id + 1));
    more[id] = copy;
    return new Definitions(more, count + 1, bytes + copy.length);
  }

  /** Returns the frames of all definitions. */
  byte[] toFrames() {
    ByteSink frames = new ByteSink();
    forEach((id, schema) ->
        frames.raw(new ByteSink().varint(id).raw(schema).toFrame(FrameType.DEFINE)));
    return frames.toBytes();
  }

  static byte[] toFrame(int id, ByteBuffer schema) {
    return new ByteSink().varint(id).raw(schema).toFrame(FrameType.DEFINE);
  }

  void forEach(BiConsumer<Integer, ByteBuffer> each) {
    for (int id = 0; id < schemas.length; id++) {
      byte[] schema = schemas[id];
      if (schema != null) {
        each.accept(id, ByteBuffer.wrap(schema).asReadOnlyBuffer());
      }
    }
  }

  void save(ByteSink to) {
    to.varint(count);
    forEach((id, schema) -> to.varint(id).varint(schema.remaining()).raw(schema));
  }

  static Definitions restore(ByteSource from) throws LinkProtocolException {
    Definitions all = NONE;
    for (int left = from.varint(MAX_ID + 1, "the number of types"); left > 0; left--) {
      int id = from.varint(MAX_ID, "a type's id");
      all = all.with(id, ByteBuffer.wrap(from.block(MAX_BYTES, "a schema")));
    }
    return all;
  }

  /**
   * The definitions of sessions that have one, once for all sessions of the process: both sides of
   * all sessions of a service usually define the same. The last {@value #MAX_SETS} are remembered,
   * of at most {@value #MAX_SHARED_BYTES} bytes each. Safe for any thread.
   */
  private static final class Shared {
    private static final int MAX_SETS = 64;
    private static final int MAX_SHARED_BYTES = 4_096;

    static final Shared OF_ALL = new Shared();

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
      if (schema.remaining() > MAX_SHARED_BYTES) {
        return NONE.plus(id, schema);
      }
      return sets.computeIfAbsent(
          ByteBuffer.wrap(toFrame(id, schema)), ignored -> NONE.plus(id, schema));
    }
  }
}
