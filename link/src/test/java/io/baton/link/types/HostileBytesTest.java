package io.baton.link.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Bytes of a hostile peer cost memory and steps in proportion to their number only. */
class HostileBytesTest {
  static final int PER_BYTE = 64;
  static final int AT_ALL = 8 * 1024;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final Types<Shop> TYPES = Types.of(Shop.class);

  /** Messages of each kind. */
  static List<Shop> messages() {
    List<Shop.Item> items =
        List.of(new Shop.Item("nut", 3, 250), new Shop.Item(null, -1, 1L << 50));
    Shop.Tree tree = new Shop.Tree(0, List.of());
    for (int i = 0; i < 20; i++) {
      tree =
          new Shop.Tree(i, List.of(tree, tree.children() == null ? tree : new Shop.Tree(i, null)));
    }
    return List.of(
        new Shop.Text("hello"),
        new Shop.Numbers(1, -2, 3, 4, true),
        new Shop.Order(
            new UUID(1, 2),
            items,
            Map.of("to", "anna", "from", "ben"),
            Instant.EPOCH,
            Shop.State.PAID,
            Optional.of("x")),
        new Shop.Everything(
            true,
            1,
            2L,
            3f,
            4d,
            new byte[] {1, 2, 3},
            BigDecimal.TEN,
            Duration.ofSeconds(3),
            Set.of(Shop.State.NEW),
            Map.of(1, items, 2, List.of()),
            Optional.of(List.of("a", "b")),
            new Shop.Circle(1),
            List.of(new Shop.Box(1, 2), new Shop.Circle(2))),
        tree);
  }

  static byte[] bytes(Shop message) {
    Output out = new Output(10_000);
    TYPES.write(message, out);
    return out.toByteArray();
  }

  /** Reads and checks what that allocates. */
  static <M> Optional<M> read(ReadingPlan<M> plan, byte[] bytes, String what) {
    // The JVM may load classes or compile method handles meanwhile, which it does not twice.
    long allocated = Long.MAX_VALUE;
    Optional<M> read = Optional.empty();
    for (int i = 0; i < 3; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      read = tryToRead(plan, bytes);
      allocated = Math.min(allocated, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(allocated)
        .as(() ->
            "%s: %d bytes %s"
                .formatted(
                    what,
                    bytes.length,
                    HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 1000))))
        .isLessThanOrEqualTo((long) PER_BYTE * bytes.length + AT_ALL);
    return read;
  }

  private static <M> Optional<M> tryToRead(ReadingPlan<M> plan, byte[] bytes) {
    try {
      return Optional.of(plan.read(ByteBuffer.wrap(bytes)));
    } catch (MalformedException | UndecodableException e) {
      return Optional.empty();
    }
  }

  @Test
  void mutatedMessagesAreReadOrRefusedAtABoundedCost() throws Exception {
    long seed = Seeds.one(HostileBytesTest.class);
    Random random = new Random(seed);
    ReadingPlan<Shop> plan = TYPES.reading(TYPES.schema());
    List<byte[]> originals = messages().stream().map(HostileBytesTest::bytes).toList();
    int read = 0;
    int n = Nightly.of(2_000_000, 15_000);
    for (int i = 0; i < n; i++) {
      byte[] bytes = mutate(originals.get(random.nextInt(originals.size())), random);
      Optional<Shop> message = read(plan, bytes, "seed %d, mutation %d".formatted(seed, i));
      if (message.isPresent()) {
        read++;
        byte[] again = bytes(message.get());
        assertThat(bytes(plan.read(ByteBuffer.wrap(again)))).isEqualTo(again);
      }
    }
    assertThat(read).isBetween(n / 100, n - n / 100);
  }

  private static byte[] mutate(byte[] original, Random random) {
    byte[] bytes = original.clone();
    if (random.nextInt(4) == 0) {
      bytes = Arrays.copyOf(bytes, random.nextInt(2 * bytes.length));
    }
    for (int n = random.nextInt(4); n > 0 && bytes.length > 0; n--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] += (byte) (random.nextInt(9) - 4);
        default ->
            Arrays.fill(
                bytes,
                at,
                Math.min(at + random.nextInt(9), bytes.length),
                (byte) (random.nextInt(3) - 1));
      }
    }
    return bytes;
  }

  record Flag(boolean flag) {}

  record Dense(
      List<Flag> flags,
      List<Integer> numbers,
      List<String> texts,
      List<BigDecimal> decimals,
      List<List<Integer>> lists,
      List<Optional<Integer>> optionals,
      Set<Integer> set,
      Map<Integer, Boolean> map) {
    static Dense of(int n) {
      List<Integer> numbers = IntStream.range(0, n).boxed().toList();
      return new Dense(
          Collections.nCopies(n, new Flag(true)),
          numbers,
          Collections.nCopies(n, "x"),
          Collections.nCopies(n, BigDecimal.TWO),
          Collections.nCopies(n, List.of(1)),
          Collections.nCopies(n, Optional.of(1)),
          Set.copyOf(numbers),
          numbers.stream().collect(Collectors.toMap(i -> i, i -> true)));
    }

    Dense only(int part) {
      return new Dense(
          part == 0 ? flags : List.of(),
          part == 1 ? numbers : List.of(),
          part == 2 ? texts : List.of(),
          part == 3 ? decimals : List.of(),
          part == 4 ? lists : List.of(),
          part == 5 ? optionals : List.of(),
          part == 6 ? set : Set.of(),
          part == 7 ? map : Map.of());
    }
  }

  @Test
  void collectionsOfTheSmallestElementsKeepTheBoundOnMemory() throws Exception {
    Types<Dense> types = Types.of(Dense.class);
    ReadingPlan<Dense> plan = types.reading(types.schema());
    Output out = new Output(1 << 20);
    for (int n : new int[] {60, 30_000, 50_000}) {
      Dense dense = Dense.of(n);
      for (int part = 0; part < 8; part++) {
        out.clear();
        types.write(dense.only(part), out);
        assertThat(read(plan, out.toByteArray(), "part " + part)).hasValue(dense.only(part));
      }
    }
  }

  @Test
  void listsInEachOtherDoNotClaimTheSameBytes() throws Exception {
    ReadingPlan<Shop> plan = TYPES.reading(TYPES.schema());
    Output out = new Output(1 << 20);
    byte[] filler = new byte[60_000];
    for (int levels = 1; levels <= 31; levels++) {
      out.clear();
      out.writeLong(4);
      for (int i = 0; i < levels; i++) {
        out.writeLong(0);
        out.writeLong(filler.length - 100);
      }
      out.append(filler);
      assertThat(read(plan, out.toByteArray(), levels + " levels")).isEmpty();
    }
  }

  @Test
  void aCountBeyondTheBytesLeftIsMalformed() throws Exception {
    record Numbers(List<Integer> numbers) {}
    Types<Numbers> types = Types.of(Numbers.class);
    ReadingPlan<Numbers> plan = types.reading(types.schema());
    assertThatThrownBy(() -> plan.read(ByteBuffer.wrap(new byte[] {0, 8, 0, 0, 0})))
        .isInstanceOf(MalformedException.class)
        .hasMessage("malformed at byte 2: 4 elements in 3 bytes");
    byte[] most = {0, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1};
    assertThatThrownBy(() -> plan.read(ByteBuffer.wrap(most)))
        .isInstanceOf(MalformedException.class);
    assertThat(plan.read(ByteBuffer.wrap(new byte[] {0, 3, 4, 2, 2, 2, 4, 0})))
        .as("blocks of other writers: -2 and its bytes, then 1")
        .isEqualTo(new Numbers(List.of(1, 1, 2)))
        .isNotNull();
  }

  record R0(int other) {}

  /** R0 {R1 a, b}, R1 {R2 a, b} and so on: a message of no bytes with 2^30 records. */
  private static byte[] doubling(int types) {
    List<Definition> definitions = new ArrayList<>();
    for (int i = 0; i < types; i++) {
      Kind next = Kind.named(i + 1);
      definitions.add(
          i < types - 1
              ? new Definition(true, "R" + i, List.of("a", "b"), List.of(next, next))
              : new Definition(true, "R" + i, List.of(), List.of()));
    }
    return new Schema(definitions, Kind.union(false, List.of(Kind.named(0)))).bytes();
  }

  @Test
  void recordsWithoutBytesAreBoundedWhereTheyAreSteppedOver() throws Exception {
    ReadingPlan<R0> plan = Types.of(R0.class).reading(doubling(31));
    assertThatThrownBy(() -> plan.read(ByteBuffer.wrap(new byte[1])))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("too many records for 1 bytes");
    assertThat(Types.of(R0.class).reading(doubling(8)).read(ByteBuffer.wrap(new byte[1])))
        .as("255 records")
        .isEqualTo(new R0(0));
  }

  @Test
  void recordsWithoutBytesAreBoundedWhereTheyAreRead() throws Exception {
    StringBuilder source = new StringBuilder("public class Doubling {\n");
    for (int i = 0; i < 31; i++) {
      source.append("public record R%d(R%d a, R%d b) {}%n".formatted(i, i + 1, i + 1));
    }
    source.append("public record R31() {}\n}");
    Class<?> own =
        MemoryCompiler.compile(Map.of("Doubling", source.toString())).loadClass("Doubling$R0");
    ReadingPlan<?> plan = Types.of(own).reading(doubling(31));
    assertThatThrownBy(() -> plan.read(ByteBuffer.wrap(new byte[1])))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("too many records for 1 bytes");
  }

  @Test
  void nestingBeyondTheLimitIsMalformedReadAndSteppedOver() throws Exception {
    // Tree 0, of which each has a list of one.
    Output out = new Output(10_000);
    out.writeLong(4);
    for (int i = 0; i < 1000; i++) {
      out.writeLong(0);
      out.writeLong(1);
    }
    byte[] deep = out.toByteArray();
    ReadingPlan<Shop> plan = TYPES.reading(TYPES.schema());
    assertThatThrownBy(() -> plan.read(ByteBuffer.wrap(deep)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("more than 64");

    record Tree(int value) {}
    ReadingPlan<Tree> stepping = Types.of(Tree.class).reading(TYPES.schema());
    assertThatThrownBy(() -> stepping.read(ByteBuffer.wrap(deep)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("more than 64");
  }

  record Chain(@Nullable Chain next, List<Integer> numbers) {}

  @Test
  void aMessageAsDeepAsAllowedIsReadAndSteppedOver() throws Exception {
    Types<Chain> types = Types.of(Chain.class);
    Chain chain = new Chain(null, List.of());
    for (int i = 1; i < Types.MAX_DEPTH; i++) {
      chain = new Chain(chain, List.of());
    }
    Output out = new Output(1000);
    types.write(chain, out);
    byte[] schema = types.schema();
    assertThat(types.reading(schema).read(out.buffer())).isEqualTo(chain);
    interface Other {
      record Chain(int other) {}
    }
    assertThat(Types.of(Other.Chain.class).reading(schema).read(out.buffer()))
        .isEqualTo(new Other.Chain(0));
  }

  @Test
  void componentsThatThePeerDoesNotSendAreCounted() throws Exception {
    List<Definition> peers =
        List.of(
            new Definition(true, "Holder", List.of("all"), List.of(Kind.list(Kind.named(1)))),
            new Definition(true, "Wide", List.of("x"), List.of(Scalar.BOOLEAN.kind())));
    byte[] schema = new Schema(peers, Kind.union(false, List.of(Kind.named(0)))).bytes();
    StringBuilder wide = new StringBuilder("boolean x");
    for (int i = 0; i < 200; i++) {
      wide.append(", int c").append(i);
    }
    Class<?> own =
        MemoryCompiler.compile(
                Map.of(
                    "T",
                    """
                    public class T {
                      public record Holder(java.util.List<Wide> all) {}
                      public record Wide(%s) {}
                    }
                    """
                        .formatted(wide)))
            .loadClass("T$Holder");
    ReadingPlan<?> plan = Types.of(own).reading(schema);
    Output out = new Output(10_000);
    out.writeLong(0);
    out.writeLong(1000);
    out.append(new byte[1001]);
    assertThatThrownBy(() -> plan.read(out.buffer()))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("too many records");
  }
}
