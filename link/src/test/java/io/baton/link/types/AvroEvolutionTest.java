package io.baton.link.types;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Resolver;
import org.apache.avro.Schema.Parser;
import org.apache.avro.generic.GenericDatumReader;
import org.junit.jupiter.api.Test;

/** Avro as the oracle of resolution: two random versions, one of which reads the other. */
class AvroEvolutionTest {
  private static final int PAIRS_AT_A_TIME = 60;
  private static final int VALUES = 20;

  /** What has become of a schema, or of a message. */
  private enum Outcome {
    REFUSED,
    EQUAL,
    UNDECODABLE
  }

  @Test
  void randomVersionsHaveTheOutcomeThatAvroHas() throws Exception {
    int batches = Nightly.of(60, 1);
    long seed = Seeds.one(AvroEvolutionTest.class);
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    for (int i = 0; i < batches; i++) {
      compare(seed + i, outcomes);
    }
    System.out.println("AvroEvolutionTest: " + outcomes);
    assertThat(outcomes).containsOnlyKeys(Outcome.values());
    assertThat(outcomes.get(Outcome.EQUAL)).isGreaterThan(batches * PAIRS_AT_A_TIME);
  }

  private static void compare(long seed, Map<Outcome, Integer> outcomes) throws Exception {
    Random random = new Random(seed);
    Map<String, String> sources = new LinkedHashMap<>();
    for (int i = 0; i < PAIRS_AT_A_TIME; i++) {
      RandomTypes types = RandomTypes.of(random);
      sources.put("v1.T" + i, types.source("v1", "T" + i));
      sources.put("v2.T" + i, types.changed(random).source("v2", "T" + i));
    }
    ClassLoader loader = MemoryCompiler.compile(sources);
    for (int i = 0; i < PAIRS_AT_A_TIME; i++) {
      compare(
          loader.loadClass("v1.T%d$M".formatted(i)),
          loader.loadClass("v2.T%d$M".formatted(i)),
          random,
          outcomes,
          "seed %d, pair %d%n%s%n%s"
              .formatted(seed, i, sources.get("v1.T" + i), sources.get("v2.T" + i)));
    }
  }

  private static <A, B> void compare(
      Class<A> from, Class<B> to, Random random, Map<Outcome, Integer> outcomes, String what)
      throws Exception {
    Types<A> writer = Types.of(from);
    Types<B> reader = Types.of(to);
    org.apache.avro.Schema writers = new Parser().parse(AvroSchema.of(writer.schema()));
    org.apache.avro.Schema readers = new Parser().parse(AvroSchema.of(reader.schema()));
    ReadingPlan<B> plan;
    try {
      plan = reader.reading(writer.schema());
    } catch (SchemaException e) {
      Resolver.Action action = Resolver.resolve(writers, readers);
      assertThat(isStricter(action, new HashSet<>())).as("%s: %s", what, e).isTrue();
      outcomes.merge(Outcome.REFUSED, 1, Integer::sum);
      return;
    }
    GenericDatumReader<Object> avros = new GenericDatumReader<>(writers, readers);
    RandomValues values = new RandomValues(random);
    Output out = new Output(1 << 20);
    for (int i = 0; i < VALUES; i++) {
      out.clear();
      A message = from.cast(values.message(from));
      writer.write(message, out);
      Outcome outcome = compare(out.toByteArray(), plan, avros, readers, what + "\n" + message);
      outcomes.merge(outcome, 1, Integer::sum);
    }
  }

  private static <B> Outcome compare(
      byte[] bytes,
      ReadingPlan<B> plan,
      GenericDatumReader<Object> avros,
      org.apache.avro.Schema readers,
      String what)
      throws Exception {
    B read;
    try {
      read = plan.read(ByteBuffer.wrap(bytes));
    } catch (UndecodableException e) {
      // A record of another name is unknown here, but may do for Avro.
      if (!e.toString().endsWith("unknown here")) {
        assertThat(failure(avros, bytes)).as("%s: %s", what, e).isTrue();
      }
      return Outcome.UNDECODABLE;
    }
    Object avro = AvroValues.read(avros, bytes);
    Object ours = AvroValues.of(read, readers);
    assertThat(ours).as(what).isEqualTo(avro);
    return Outcome.EQUAL;
  }

  private static boolean failure(GenericDatumReader<Object> avros, byte[] bytes) throws Exception {
    try {
      AvroValues.read(avros, bytes);
      return false;
    } catch (AvroTypeException e) {
      return true;
    }
  }

  /** Tells whether Avro has an error for some message, or something that is refused here. */
  private static boolean isStricter(Resolver.Action action, Set<Resolver.Action> seen) {
    if (!seen.add(action)) {
      return false;
    }
    return switch (action) {
      case Resolver.ErrorAction error -> true;
      case Resolver.Promote promote ->
          switch (promote.writer.getType()) {
            case STRING, BYTES -> true;
            default -> false;
          };
      case Resolver.Container container -> isStricter(container.elementAction, seen);
      case Resolver.ReaderUnion union -> isStricter(union.actualAction, seen);
      case Resolver.WriterUnion union -> isStricter(union.actions, seen);
      case Resolver.RecordAdjust record ->
          !record.writer.getName().equals(record.reader.getName())
              || isStricter(record.fieldActions, seen);
      default -> false;
    };
  }

  private static boolean isStricter(Resolver.Action[] actions, Set<Resolver.Action> seen) {
    for (Resolver.Action action : actions) {
      if (isStricter(action, seen)) {
        return true;
      }
    }
    return false;
  }
}
