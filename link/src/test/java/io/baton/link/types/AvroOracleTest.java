package io.baton.link.types;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.apache.avro.generic.GenericDatumReader;
import org.junit.jupiter.api.Test;

/** Avro as the oracle: random types and values have Avro's bytes, and are read from them. */
class AvroOracleTest {
  private static final int SETS_AT_A_TIME = 100;
  private static final int VALUES = 20;

  @Test
  void randomRecordsHaveTheBytesThatAvroWritesAndAreReadFromThem() throws Exception {
    int batches = Nightly.of(60, 2);
    long seed = Seeds.one(AvroOracleTest.class);
    int values = 0;
    for (int i = 0; i < batches; i++) {
      values += compare(seed + i);
    }
    assertThat(values).isEqualTo(batches * SETS_AT_A_TIME * VALUES);
  }

  private static int compare(long seed) throws Exception {
    Random random = new Random(seed);
    Map<String, String> sources = new LinkedHashMap<>();
    for (int i = 0; i < SETS_AT_A_TIME; i++) {
      sources.put("random.T" + i, RandomTypes.of(random).source("random", "T" + i));
    }
    ClassLoader loader = MemoryCompiler.compile(sources);
    int values = 0;
    for (int i = 0; i < SETS_AT_A_TIME; i++) {
      Class<?> messages = loader.loadClass("random.T%d$M".formatted(i));
      values += compare(messages, random, "seed %d, set %d".formatted(seed, i));
    }
    return values;
  }

  private static <M> int compare(Class<M> messages, Random random, String what) throws Exception {
    Types<M> types = Types.of(messages);
    ReadingPlan<M> plan = types.reading(types.schema());
    org.apache.avro.Schema avro =
        new org.apache.avro.Schema.Parser().parse(AvroSchema.of(types.schema()));
    GenericDatumReader<Object> reader = new GenericDatumReader<>(avro);
    RandomValues values = new RandomValues(random);
    Output out = new Output(1 << 20);
    for (int i = 0; i < VALUES; i++) {
      M message = messages.cast(values.message(messages));
      out.clear();
      types.write(message, out);
      byte[] avros = AvroValues.write(AvroValues.of(message, avro), avro);
      assertThat(out.toByteArray()).as("%s, %s", what, message).isEqualTo(avros);
      assertThat(AvroValues.read(reader, avros)).as(what).isEqualTo(AvroValues.of(message, avro));
      M read = plan.read(ByteBuffer.wrap(avros));
      assertThat(AvroValues.write(AvroValues.of(read, avro), avro)).as(what).isEqualTo(avros);
    }
    return VALUES;
  }
}
