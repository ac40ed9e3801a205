package io.baton.link;

import io.baton.link.types.MalformedException;
import io.baton.link.types.Output;
import io.baton.link.types.ReadingPlan;
import io.baton.link.types.SchemaException;
import io.baton.link.types.Types;
import io.baton.link.types.UndecodableException;
import java.nio.ByteBuffer;

/**
 * The passage between a handler's records and the bytes of a session's messages, for both
 * directions of one side. Clients and services use the same. Any number of sessions and threads may
 * share one object.
 *
 * @param <I> what is received
 * @param <O> what is sent
 */
public final class TypedMessages<I, O> {
  /** With its number, a schema fits into a frame. */
  private static final int MAX_SCHEMA_BYTES = 65_534;

  private final PlanCache<I> plans;
  private final Types<O> out;
  private final TypeSet own;

  /**
   * Prepares for these types.
   *
   * @throws IllegalArgumentException if the schema of those that are sent has more than 65,534
   *     bytes
   */
  public TypedMessages(Types<I> in, Types<O> out) {
    this.plans = new PlanCache<>(in);
    this.out = out;
    byte[] schema = out.schema();
    if (schema.length > MAX_SCHEMA_BYTES) {
      throw new IllegalArgumentException(
          "the schema of the types has %,d bytes; allowed are %,d. Use fewer or shorter names"
              .formatted(schema.length, MAX_SCHEMA_BYTES));
    }
    this.own = new TypeSet(schema);
  }

  /** Returns the types that this side sends, as the other side has to know them. */
  public TypeSet own() {
    return own;
  }

  /**
   * Appends the bytes of a message.
   *
   * @throws io.baton.link.types.MessageTooLongException if the output's limit is passed
   * @throws IllegalArgumentException if the message contains what its type forbids
   */
  public void write(O message, Output to) {
    out.write(message, to);
  }

  /**
   * Encodes a message, from position to limit.
   *
   * @param maxBytes the length allowed
   * @throws io.baton.link.types.MessageTooLongException if it is longer
   * @throws IllegalArgumentException if the message contains what its type forbids
   */
  public ByteBuffer encode(O message, int maxBytes) {
    Output to = new Output(maxBytes);
    out.write(message, to);
    return to.buffer();
  }

  /**
   * Checks that messages of the other side's types can be read.
   *
   * @throws SchemaException naming the type and the field that contradict this side's
   */
  public void check(TypeSet others) throws SchemaException {
    plan(others);
  }

  /**
   * Decodes a message and calls {@link LinkHandler#received}, or {@link LinkHandler#undecodable} if
   * this side has nothing to represent it with. What the handler throws passes through.
   *
   * @throws MalformedException if the bytes are not a message of these types
   * @throws SchemaException as {@link #check}
   */
  public void deliver(
      LinkHandler<I, O> handler, LinkSession<I, O> session, TypeSet types, ByteBuffer bytes)
      throws MalformedException, SchemaException {
    I message;
    try {
      message = read(types, bytes);
    } catch (UndecodableException e) {
      handler.undecodable(session, e.type());
      return;
    }
    handler.received(session, message);
  }

  /**
   * Decodes a message.
   *
   * @throws UndecodableException if this side has nothing to represent it with
   * @throws MalformedException if the bytes are not a message of these types
   * @throws SchemaException as {@link #check}
   */
  public I read(TypeSet types, ByteBuffer bytes)
      throws UndecodableException, MalformedException, SchemaException {
    return plan(types).read(bytes);
  }

  @SuppressWarnings("unchecked") // Only this object remembers plans under its own key.
  private ReadingPlan<I> plan(TypeSet types) throws SchemaException {
    Object known = types.recall(this);
    if (known != null) {
      return (ReadingPlan<I>) known;
    }
    ReadingPlan<I> plan = plans.plan(types);
    types.remember(this, plan);
    return plan;
  }
}
