package io.baton.link.json;

import io.baton.link.types.MessageTooLongException;
import io.baton.link.types.Output;
import io.baton.link.types.ReadingPlan;
import io.baton.link.types.SchemaException;
import io.baton.link.types.Types;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.AnnotationIntrospector;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.MutableCoercionConfig;
import tools.jackson.databind.introspect.AnnotationIntrospectorPair;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/**
 * The messages of one side as JSON: for clients in browsers and in other languages, which then need
 * no schema.
 *
 * {@snippet :
 * Types<Chat> types = JsonTypes.of(Chat.class);
 * // new Chat.Said("anna", "hello") is {"type":"Said","who":"anna","text":"hello"}
 * }
 *
 * <p>A message is an object whose first property, {@code type}, is the simple name of its record;
 * so is every value whose component is a sealed interface. The other properties are the components,
 * in the order and with the names of the record. Properties that this side does not know are
 * skipped; components that are missing or null become null, 0, false or empty. A record or an enum
 * constant that this side does not know costs that message only. Numbers are not read from texts,
 * nor texts from numbers. Lists, sets and maps that are read can be modified. Null elements are
 * refused when they are read, except for elements that are Optional.
 *
 * <p>What is read has at most {@value Types#MAX_DEPTH} objects and arrays in each other. It takes
 * memory and time in proportion to its bytes, and each record those of all its components.
 *
 * <p>Any number of threads may use one object at a time.
 *
 * @param <M> the sealed interface, or the record if there is only one
 */
public final class JsonTypes<M> implements Types<M> {
  /** The name of the property that tells a message's record. */
  static final String TYPE = "type";

  /** The whole schema of this format: records are found by the names in the messages. */
  private static final byte FORMAT = 'J';

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .streamWriteConstraints(
              StreamWriteConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .build();

  private final ObjectWriter writer;
  private final JsonPlan<M> plan;

  private JsonTypes(Class<M> type, JsonMapper mapper) {
    writer = mapper.writerFor(type);
    ObjectReader reader = mapper.readerFor(type);
    plan = new JsonPlan<>(type, FACTORY, reader);
  }

  /**
   * Finds out how the records of a sealed interface are written and read, with the component types
   * of {@link Types#of}. Keys of maps are texts, numbers of Java's own, booleans, UUID, Instant,
   * Duration or enums.
   *
   * @param sealed a sealed interface that permits records and other such interfaces, or one record
   * @throws IllegalArgumentException if a component has a type that is not supported or is named
   *     {@code type} in a record that is told by {@code type}; it names the component
   */
  public static <M> JsonTypes<M> of(Class<M> sealed) {
    Objects.requireNonNull(Types.of(sealed), "the same types are supported");
    JsonNames.checkKeys(sealed);
    return of(sealed, new JsonMapper());
  }

  /**
   * Finds out how the records of a sealed interface are written and read by a mapper, which may
   * support further types of components and name properties differently. What this class says of
   * {@code type}, of bounds and of unknown and missing properties holds for any mapper.
   *
   * @param sealed a sealed interface that permits records and other such interfaces, or one record
   * @param mapper is not changed
   * @throws IllegalArgumentException if it is neither, two records have the same simple name, or a
   *     component is named {@code type} in a record that is told by {@code type}
   */
  public static <M> JsonTypes<M> of(Class<M> sealed, JsonMapper mapper) {
    JsonNames.check(sealed);
    return new JsonTypes<>(sealed, configured(sealed, mapper));
  }

  private static JsonMapper configured(Class<?> sealed, JsonMapper mapper) {
    AnnotationIntrospector theirs = mapper.serializationConfig().getAnnotationIntrospector();
    SimpleModule decimals = new SimpleModule("decimals");
    decimals.addDeserializer(BigDecimal.class, new DecimalDeserializer());
    return mapper
        .rebuild()
        .annotationIntrospector(
            AnnotationIntrospectorPair.create(new RecordIntrospector(sealed), theirs))
        .addModule(decimals)
        .enable(
            MapperFeature.USE_ANNOTATIONS, MapperFeature.INFER_RECORD_GETTERS_FROM_COMPONENTS_ONLY)
        .disable(
            MapperFeature.ALLOW_COERCION_OF_SCALARS, MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.FAIL_ON_INVALID_SUBTYPE)
        .enable(DeserializationFeature.WRAP_EXCEPTIONS)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .disable(EnumFeature.READ_ENUMS_USING_TO_STRING, EnumFeature.WRITE_ENUMS_USING_TO_STRING)
        .disable(SerializationFeature.WRAP_EXCEPTIONS)
        .withCoercionConfig(LogicalType.Textual, JsonTypes::refuseNumbers)
        .build();
  }

  private static void refuseNumbers(MutableCoercionConfig texts) {
    texts
        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
  }

  @Override
  public byte[] schema() {
    return new byte[] {FORMAT};
  }

  /**
   * {@inheritDoc}
   *
   * <p>Elements that are null are written as such, and refused by the other side.
   */
  @Override
  public void write(M message, Output out) {
    Objects.requireNonNull(message, "a message is not null");
    int start = out.size();
    boolean written = false;
    try {
      serialize(message, out);
      written = true;
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "a message cannot be written as JSON: %s; it is not sent"
              .formatted(e.getOriginalMessage()),
          e);
    } finally {
      if (!written) {
        out.truncate(start);
      }
    }
  }

  private void serialize(M message, Output out) {
    try (JsonGenerator generator =
        FACTORY.createGenerator(ObjectWriteContext.empty(), new Appending(out))) {
      writer.writeValue(generator, message);
    }
  }

  @Override
  public ReadingPlan<M> reading(byte[] peers) throws SchemaException {
    if (peers.length == 1 && peers[0] == FORMAT) {
      return plan;
    }
    throw new SchemaException(
        peers.length > 0 && peers[0] == FORMAT
            ? "the schema of types as JSON is the single byte %d".formatted(FORMAT)
            : "the types are in another format at the peer and JSON (JsonTypes) here");
  }

  /** What a generator writes, at the end of an output. */
  private static final class Appending extends OutputStream {
    private final Output out;

    Appending(Output out) {
      this.out = out;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    /**
     * @throws MessageTooLongException if the output's limit is passed
     */
    @Override
    public void write(byte[] bytes, int offset, int length) {
      out.append(bytes, offset, length);
    }
  }
}
