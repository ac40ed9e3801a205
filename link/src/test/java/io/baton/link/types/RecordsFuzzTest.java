package io.baton.link.types;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Any bytes at all are a schema and a message of it, or refused, at a cost in proportion to their
 * number. The first two bytes are the schema's length. Under {@code mvn verify} this runs its
 * seeds; {@code JAZZER_FUZZ=1 mvn test -pl link -am -Dtest=RecordsFuzzTest} looks for more.
 */
class RecordsFuzzTest {
  private static final Types<Shop> TYPES = Types.of(Shop.class);

  @FuzzTest(maxDuration = "2m")
  void anySchemaAndMessageAreReadOrRefused(byte[] bytes) throws Exception {
    if (bytes.length < 2) {
      return;
    }
    int length = Math.min(Short.toUnsignedInt(ByteBuffer.wrap(bytes).getShort()), bytes.length - 2);
    byte[] message = Arrays.copyOfRange(bytes, 2 + length, bytes.length);
    ReadingPlan<Shop> plan;
    try {
      byte[] schema = Arrays.copyOfRange(bytes, 2, 2 + length);
      assertThat(AvroSchema.of(schema)).startsWith("[");
      plan = TYPES.reading(schema);
    } catch (SchemaException e) {
      assertThat(e).hasMessageMatching("[\\x20-\\x7e]+");
      return;
    }
    Optional<Shop> read = HostileBytesTest.read(plan, message, "message");
    if (read.isPresent()) {
      writtenItReadsTheSame(read.get());
    }
  }

  private static void writtenItReadsTheSame(Shop message) throws Exception {
    Output out = new Output(1 << 22);
    TYPES.write(message, out);
    Output again = new Output(1 << 22);
    TYPES.write(TYPES.reading(TYPES.schema()).read(out.buffer()), again);
    assertThat(again.toByteArray()).isEqualTo(out.toByteArray());
  }
}
