package io.baton.link.types;

import java.util.Objects;

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
 * ReadingPlan<Chat> plan = types.reading(Schema.of(bytesThePeerAnnounced));
 * Chat message = plan.read(out.buffer());
 * }
 *
 * <p>Components are primitives but short, byte and char, their wrappers, String, byte[], enums,
 * BigDecimal, UUID, Instant, Duration, records, sealed interfaces of records, and List, Set, Map
 * and Optional of these. A component that is not a primitive may be null, and an old peer's message
 * has null where the record has got a component since; a List, Set or Map is empty then, and an
 * Optional too. Elements, keys and values are never null. References that lead back to an object
 * around them are not supported; records may contain their own type, at most {@link
 * Schema#MAX_DEPTH} levels deep.
 *
 * <p>A message is written in Apache Avro's binary encoding: the index of its record among the
 * union's, and the record. The peer needs this side's {@link #schema()}.
 *
 * <p>Any number of threads may use one object at a time.
 *
 * @param <M> the sealed interface, or the record if there is only one
 */
public final class Types<M> {
  private final Class<M> type;
  private final UnionBinding messages;
  private final Schema schema;

  private Types(Class<M> type, UnionBinding messages, Schema schema) {
    this.type = type;
    this.messages = messages;
    this.schema = schema;
  }

  /**
   * Finds out how the records of a sealed interface are written and read.
   *
   * @param sealed a sealed interface that permits records and other such interfaces, or one record
   * @throws IllegalArgumentException if a component has a type that is not supported, a record is
   *     not accessible, or a bound of {@link Schema} is exceeded; it names the component
   */
  public static <M> Types<M> of(Class<M> sealed) {
    Binder binder = new Binder();
    UnionBinding messages = binder.messages(sealed);
    try {
      return new Types<>(sealed, messages, Schema.of(binder.definitions(), messages.kind()));
    } catch (SchemaException e) {
      throw new IllegalArgumentException(sealed.getName() + ": " + e.getMessage(), e);
    }
  }

  /** Returns the bytes of {@link Schema} that a peer needs to read what is written here. */
  public byte[] schema() {
    return schema.bytes();
  }

  /** Returns the SHA-256 of {@link #schema()}, in hexadecimal. */
  public String fingerprint() {
    return schema.fingerprint();
  }

  /** Returns the schema as Avro's JSON, for other languages. */
  public String avroSchema() {
    return new AvroSchema(schema).toString();
  }

  /**
   * Appends a message.
   *
   * @throws MessageTooLongException if the output's limit is passed
   * @throws IllegalArgumentException if it nests too deep or has a decimal beyond the scale allowed
   * @throws NullPointerException if it or an element, key or value in it is null
   */
  public void write(M message, Output out) {
    int start = out.size();
    boolean written = false;
    try {
      messages.write(Objects.requireNonNull(message, "a message is not null"), out);
      written = true;
    } finally {
      if (!written) {
        out.truncate(start);
      }
    }
  }

  /**
   * Makes the plan to read a peer's messages. It costs time and memory in proportion to the schema;
   * a {@link PlanCache} shares plans.
   *
   * @throws SchemaException if types contradict each other; it names the type and the field
   */
  public ReadingPlan<M> reading(Schema peers) throws SchemaException {
    Resolver resolver = new Resolver(peers, schema);
    Reader[] readers = resolver.branches(peers.root(), messages, "the union of messages");
    return new ReadingPlan<>(type, peers, readers);
  }
}
