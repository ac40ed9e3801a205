package io.baton.link.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.baton.link.types.MalformedException;
import io.baton.link.types.Output;
import io.baton.link.types.ReadingPlan;
import io.baton.link.types.SchemaException;
import io.baton.link.types.Types;
import io.baton.link.types.UndecodableException;
import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** JSON of a hostile peer costs memory in proportion to its bytes only. */
class HostileJsonTest {
  /** The smallest records, of three bytes, take about half of it while Jackson reads them. */
  static final int PER_BYTE = 256;

  static final int AT_ALL = 64 * 1024;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  static final Types<Shop> TYPES = JsonTypes.of(Shop.class);
  private static final ReadingPlan<Shop> PLAN = plan();

  private static ReadingPlan<Shop> plan() {
    try {
      return TYPES.reading(TYPES.schema());
    } catch (SchemaException e) {
      throw new AssertionError(e);
    }
  }

  /** Reads and checks what that allocates. */
  static Optional<Shop> read(byte[] bytes, String what) {
    // The JVM may load classes and Jackson may make its buffers meanwhile, which it does not twice.
    long allocated = Long.MAX_VALUE;
    Optional<Shop> read = Optional.empty();
    for (int i = 0; i < 3; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      read = tryToRead(bytes);
      allocated = Math.min(allocated, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(allocated)
        .as(() ->
            "%s: %d bytes %s"
                .formatted(
                    what, bytes.length, new String(bytes, 0, Math.min(bytes.length, 1000), UTF_8)))
        .isLessThanOrEqualTo((long) PER_BYTE * bytes.length + AT_ALL);
    return read;
  }

  private static Optional<Shop> tryToRead(byte[] bytes) {
    try {
      return Optional.of(PLAN.read(ByteBuffer.wrap(bytes)));
    } catch (MalformedException | UndecodableException e) {
      assertThat(e).hasMessageMatching("[\\x20-\\x7e]+");
      return Optional.empty();
    }
  }

  static byte[] bytes(Shop message) {
    Output out = new Output(1 << 22);
    TYPES.write(message, out);
    return out.toByteArray();
  }

  @Test
  void mutatedMessagesAreReadOrRefusedAtABoundedCost() {
    long seed = Seeds.one(HostileJsonTest.class);
    Random random = new Random(seed);
    RandomShop shop = new RandomShop(random);
    int read = 0;
    int n = Nightly.of(1_000_000, 5_000);
    for (int i = 0; i < n; i++) {
      byte[] bytes = mutate(bytes(shop.message()), random);
      Optional<Shop> message = read(bytes, "seed %d, mutation %d".formatted(seed, i));
      if (message.isPresent()) {
        read++;
        byte[] again = bytes(message.get());
        assertThat(read(again, "again").map(HostileJsonTest::bytes)).hasValue(again);
      }
    }
    assertThat(read).isBetween(n / 100, n - n / 100);
  }

  private static byte[] mutate(byte[] bytes, Random random) {
    for (int n = 1 + random.nextInt(2); n > 0; n--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] = (byte) "{}[]\",:0e-".charAt(random.nextInt(10));
        default ->
            System.arraycopy(bytes, random.nextInt(bytes.length), bytes, at, random.nextInt(2));
      }
    }
    return bytes;
  }

  private static byte[] repeated(String head, String part, int times, String tail) {
    return (head + part.repeat(times) + tail).getBytes(UTF_8);
  }

  @Test
  void theSmallestElementsKeepTheBoundOnMemory() {
    int n = 20_000;
    String everything = "{\"type\":\"Everything\",";
    assertThat(read(repeated("{\"type\":\"Tree\",\"children\":[{}", ",{}", n, "]}"), "records"))
        .isPresent();
    assertThat(read(repeated(everything + "\"maybe\":[1", ",1", n, "]}"), "optionals")).isPresent();
    assertThat(read(repeated(everything + "\"tags\":[\"\"", ",\"\"", n, "]}"), "texts"))
        .isPresent();
    assertThat(read(repeated(everything + "\"x\":[0", ",[]", n, "]}"), "what is skipped"))
        .isPresent();
    assertThat(read(repeated(everything + "\"shelves\":{\"1\":[]", ",\"2\":[]", n, "}}"), "keys"))
        .isPresent();
    assertThat(read(repeated(everything + "\"x0\":0", ",\"x1\":0", n, "}"), "properties"))
        .isPresent();
  }

  @Test
  void aTypeThatIsNotFirstIsNotSearchedForAtEachLevel() {
    StringBuilder json = new StringBuilder("{\"type\":\"Everything\",\"shape\":");
    for (int i = 0; i < 30; i++) {
      json.append("{\"shapes\":[");
    }
    json.append("{\"a\":[0").append(",0".repeat(100_000)).append("]}");
    json.append("],\"type\":\"Group\"}".repeat(30)).append('}');
    assertThat(read(json.toString().getBytes(UTF_8), "types that are last")).isEmpty();
  }

  @Test
  void nestingBeyondTheLimitIsMalformedReadAndSkipped() throws Exception {
    String deep = "[".repeat(100_000);
    for (String property : new String[] {"skipped", "children", "value"}) {
      String json = "{\"type\":\"Tree\",\"%s\":%s".formatted(property, deep);
      assertThatThrownBy(() -> PLAN.read(ByteBuffer.wrap(json.getBytes(UTF_8))))
          .isInstanceOf(MalformedException.class);
    }
    String most = "{\"type\":\"Tree\",\"skipped\":%s%s}".formatted("[".repeat(63), "]".repeat(63));
    assertThat(PLAN.read(ByteBuffer.wrap(most.getBytes(UTF_8)))).isInstanceOf(Shop.Tree.class);
    String more = "{\"type\":\"Tree\",\"skipped\":%s%s}".formatted("[".repeat(64), "]".repeat(64));
    assertThatThrownBy(() -> PLAN.read(ByteBuffer.wrap(more.getBytes(UTF_8))))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("64");
  }

  @Test
  void numbersOfManyDigitsAreMalformed() {
    String digits = "1".repeat(100_000);
    for (String property : new String[] {"price", "i", "d", "x"}) {
      String json = "{\"type\":\"Everything\",\"%s\":%s}".formatted(property, digits);
      read(json.getBytes(UTF_8), property);
    }
    assertThatThrownBy(() ->
            PLAN.read(
                ByteBuffer.wrap(
                    "{\"type\":\"Everything\",\"price\":%s}".formatted(digits).getBytes(UTF_8))))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("1000");
  }
}
