package io.baton.link.types;

/**
 * The messages of one side: the records that a sealed interface permits, how they are written, and
 * how those of a peer, which may be older or newer, are read.
 *
 * {@snippet :
 * sealed interface Chat {
 *   record Said(String who, String text, Instant at) implements Chat {}
 *   record Left(String who) implements Chat {}
 * }
 * Types<Chat> types = Types.of(Chat.class);
 * Output out = new Output(65_536);
 * types.write(new Chat.Left("anna"), out);
 * ReadingPlan<Chat> plan = types.reading(bytesThePeerAnnounced);
 * Chat message = plan.read(out.buffer());
 * }
 *
 * <p>{@link #of} makes types in Link's compact binary format. Other formats are implementations of
 * this interface; both sides of a service use the same one, and a side refuses the schema of
 * another format.
 *
 * <p>Any number of threads may use one object at a time.
 *
 * @param <M> the sealed interface, or the record if there is only one
 */
public interface Types<M> {
  /** The most levels of records, lists and maps in each other that a message has. */
  int MAX_DEPTH = 64;

  /**
   * Finds out how the records of a sealed interface are written and read in the binary format.
   *
   * <p>Components are primitives but short, byte and char, their wrappers, String, byte[], enums,
   * BigDecimal, UUID, Instant, Duration, records, sealed interfaces of records, and List, Set, Map
   * and Optional of these. A component that is not a primitive may be null, and an old peer's
   * message has null where the record has got a component since; a List, Set or Map is empty then,
   * and an Optional too. Elements, keys and values are never null. References that lead back to an
   * object around them are not supported; records may contain their own type, at most {@link
   * #MAX_DEPTH} levels deep.
   *
   * <p>A message is written in Apache Avro's binary encoding: the index of its record among the
   * union's, and the record. The peer needs this side's {@link #schema()}; {@link AvroSchema} shows
   * it as Avro's JSON.
   *
   * @param sealed a sealed interface that permits records and other such interfaces, or one record
   * @throws IllegalArgumentException if a component has a type that is not supported, a record is
   *     not accessible, or the types are too many; it names the component
   */
  static <M> Types<M> of(Class<M> sealed) {
    return BinaryTypes.of(sealed);
  }

  /** Returns the bytes that a peer needs to read what is written here. */
  byte[] schema();

  /**
   * Appends a message. If it cannot be written, the output is as before.
   *
   * @throws MessageTooLongException if the output's limit is passed
   * @throws IllegalArgumentException if the message contains what the format forbids, such as too
   *     deep a nesting
   * @throws NullPointerException if it or an element, key or value in it is null
   */
  void write(M message, Output out);

  /**
   * Makes the plan to read a peer's messages. It costs time and memory in proportion to the schema.
   *
   * @param peers the schema as the peer has announced it
   * @throws SchemaException if these bytes are not a schema of this format or exceed a bound, or if
   *     types contradict each other; it names the type and the field
   */
  ReadingPlan<M> reading(byte[] peers) throws SchemaException;
}
