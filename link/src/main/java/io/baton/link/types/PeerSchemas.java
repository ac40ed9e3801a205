package io.baton.link.types;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The schemas that a peer has announced in one session, by the ids it gave them. An id stands for
 * one schema for good. All together have the bounds that {@link Schema} has for one: {@link
 * Schema#MAX_BYTES} and {@link Schema#MAX_TYPES}. One thread at a time.
 */
public final class PeerSchemas {
  private final Map<Integer, Schema> schemas = new TreeMap<>();
  private int bytes;
  private int types;

  /** Creates it without a schema. */
  public PeerSchemas() {}

  /**
   * Notes a schema. The same bytes once more change nothing.
   *
   * @param id the peer's, not negative
   * @throws DivergedException if the id stands for other bytes
   * @throws SchemaException if the bytes are not a schema, or the bounds are exceeded; nothing has
   *     changed
   */
  public Schema define(int id, byte[] schema) throws SchemaException {
    Schema known = schemas.get(id);
    if (known != null) {
      if (!known.hasBytes(schema)) {
        throw new DivergedException(id);
      }
      return known;
    }
    SchemaBytes.check(id >= 0, "a schema's id is not negative, as %d is", id);
    SchemaBytes.check(
        schema.length <= Schema.MAX_BYTES - bytes,
        "the schemas of a session have at most %d bytes together",
        Schema.MAX_BYTES);
    Schema added = Schema.of(schema);
    SchemaBytes.check(
        added.types() <= Schema.MAX_TYPES - types,
        "the schemas of a session have at most %d types together",
        Schema.MAX_TYPES);
    schemas.put(id, added);
    bytes += schema.length;
    types += added.types();
    return added;
  }

  /** Returns the schema of an id. */
  public Optional<Schema> find(int id) {
    return Optional.ofNullable(schemas.get(id));
  }

  /** Returns the bytes of all schemas by their ids, from which {@link #define} makes them again. */
  public Map<Integer, byte[]> toMap() {
    Map<Integer, byte[]> all = new TreeMap<>();
    schemas.forEach((id, schema) -> all.put(id, schema.bytes()));
    return all;
  }
}
