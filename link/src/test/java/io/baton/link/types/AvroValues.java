package io.baton.link.types;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;

/** Records as Avro's generic values, and these as bytes, by Avro's own code. */
final class AvroValues {
  private static final int PADDING = 4096;

  private AvroValues() {}

  /** Converts a Java value to what Avro has for its schema. */
  static @Nullable Object of(@Nullable Object value, Schema schema) {
    return switch (schema.getType()) {
      case UNION -> member(value, schema);
      case ARRAY -> array(value, schema.getElementType());
      case MAP -> map((Map<?, ?>) value, schema.getValueType());
      case RECORD -> record(value, schema);
      case ENUM -> new GenericData.EnumSymbol(schema, value);
      case STRING -> new Utf8((String) value);
      case FIXED -> uuid((UUID) Objects.requireNonNull(value), schema);
      case BYTES ->
          value instanceof BigDecimal decimal
              ? new Conversions.BigDecimalConversion()
                  .toBytes(decimal, schema, LogicalTypes.bigDecimal())
              : ByteBuffer.wrap((byte[]) value);
      default -> value;
    };
  }

  private static @Nullable Object member(@Nullable Object value, Schema schema) {
    Object given = value instanceof Optional<?> optional ? optional.orElse(null) : value;
    if (given == null) {
      return null;
    }
    List<Schema> members =
        schema.getTypes().stream().filter(s -> s.getType() != Schema.Type.NULL).toList();
    return members.size() == 1
        ? of(given, members.getFirst())
        : members.stream()
            .filter(s -> s.getName().equals(given.getClass().getSimpleName()))
            .map(s -> of(given, s))
            .findFirst()
            .orElseThrow();
  }

  private static List<@Nullable Object> array(@Nullable Object value, Schema element) {
    List<@Nullable Object> all = new ArrayList<>();
    if (value instanceof Collection<?> collection) {
      collection.forEach(item -> all.add(of(item, element)));
    } else if (value instanceof Map<?, ?> map) {
      map.forEach((k, v) -> {
        GenericData.Record entry = new GenericData.Record(element);
        entry.put("k", of(k, element.getField("k").schema()));
        entry.put("v", of(v, element.getField("v").schema()));
        all.add(entry);
      });
    }
    return all;
  }

  private static Map<Utf8, @Nullable Object> map(@Nullable Map<?, ?> value, Schema of) {
    Map<Utf8, @Nullable Object> all = new LinkedHashMap<>();
    if (value != null) {
      value.forEach((k, v) -> all.put(new Utf8((String) k), of(v, of)));
    }
    return all;
  }

  private static GenericData.Record record(@Nullable Object value, Schema schema) {
    GenericData.Record record = new GenericData.Record(schema);
    switch (value) {
      case Instant instant -> {
        record.put("s", instant.getEpochSecond());
        record.put("n", instant.getNano());
      }
      case Duration duration -> {
        record.put("s", duration.toSeconds());
        record.put("n", duration.toNanosPart());
      }
      case null -> throw new IllegalArgumentException("null for " + schema.getName());
      default -> {
        for (RecordComponent component : value.getClass().getRecordComponents()) {
          Schema.Field field = schema.getField(component.getName());
          record.put(field.pos(), of(get(component, value), field.schema()));
        }
      }
    }
    return record;
  }

  static @Nullable Object get(RecordComponent component, Object record) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static GenericData.Fixed uuid(UUID uuid, Schema schema) {
    return new GenericData.Fixed(
        schema,
        ByteBuffer.allocate(16)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits())
            .array());
  }

  static byte[] write(@Nullable Object datum, Schema schema) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    try {
      new GenericDatumWriter<@Nullable Object>(schema).write(datum, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /**
   * Reads with a reader that is made once for a pair of schemas. Avro 1.12.2 takes the fewest bytes
   * of an element from the reader's schema, also for fields that the writer does not have, and
   * refuses lists of an older version at the end of a message; bytes after it keep it from that.
   */
  static Object read(GenericDatumReader<Object> reader, byte[] bytes) throws IOException {
    byte[] padded = Arrays.copyOf(bytes, bytes.length + PADDING);
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(padded, null);
    Object datum = reader.read(null, decoder);
    if (decoder.inputStream().available() != PADDING) {
      throw new IOException("not read to the end");
    }
    return datum;
  }
}
