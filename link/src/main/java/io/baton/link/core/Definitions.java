package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The type sets of one direction by their ids: opaque bytes, only ever added. At most 256, and at
 * most {@value #MAX_BYTES} bytes together.
 */
final class Definitions {
  static final int MAX_ID = 255;
  static final int MAX_BYTES = 65_536;

  /** By id, as long as the highest id needs: a session usually has one. */
  private byte[] @Nullable [] schemas = {};

  private int count;
  private int bytes;

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
   * Adds a definition.
   *
   * @return false if it was there already, with the same bytes
   * @throws LinkProtocolException DIVERGED if it was there with other bytes, TOO_MANY if there is
   *     no room for it
   */
  boolean put(int id, ByteBuffer schema) throws LinkProtocolException {
    byte @Nullable [] old = id < schemas.length ? schemas[id] : null;
    if (old != null) {
      if (!ByteBuffer.wrap(old).equals(schema)) {
        throw new LinkProtocolException(
            LinkCode.DIVERGED, "type set " + id + " is defined with two schemas");
      }
      return false;
    }
    if (bytes + schema.remaining() > MAX_BYTES) {
      throw new LinkProtocolException(
          LinkCode.TOO_MANY, "the schemas have more than " + MAX_BYTES + " bytes together");
    }
    byte[] copy = new byte[schema.remaining()];
    schema.duplicate().get(copy);
    if (id >= schemas.length) {
      schemas = Arrays.copyOf(schemas, id + 1);
    }
    schemas[id] = copy;
    count++;
    bytes += copy.length;
    return true;
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

  void restore(ByteSource from) throws LinkProtocolException {
    for (int left = from.varint(MAX_ID + 1, "the number of types"); left > 0; left--) {
      int id = from.varint(MAX_ID, "a type's id");
      put(id, ByteBuffer.wrap(from.block(MAX_BYTES, "a schema")));
    }
  }
}
