package io.baton.vsockframework.cereal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.testing.Seeds;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CerealFormatTest {
  private static final int MAX = 1 << 20;
  private static final int ROUNDS = 2_000;

  record Numbers(boolean b, byte i8, short i16, int i32, long i64, float f, double d) {}

  record Leaf(int n, String s) {}

  record Entry(String key, int value) {}

  @SuppressWarnings("ArrayRecordComponent")
  record Containers(byte[] bytes, List<Long> longs, List<Leaf> leaves, List<Entry> map) {}

  record Pointers(
      Optional<Leaf> none,
      Optional<Leaf> one,
      Shared<Leaf> nothing,
      Shared<Leaf> first,
      Shared<Leaf> again,
      Shared<Leaf> other,
      List<Shared<Leaf>> all) {}

  sealed interface Thing {}

  @CerealName(CerealName.BASE)
  record Base(int id) implements Thing {}

  @CerealName("Named")
  record NamedThing(Base base, String name) implements Thing {}

  record Sized(Base base, long size) implements Thing {}

  record Things(
      List<Optional<Thing>> all, Shared<Thing> shared, Shared<Thing> same, Shared<Thing> none) {}

  record Chain(int n, Optional<Chain> next) {}

  record Ring(Shared<Ring> next) {}

  private static byte[] original(String name) throws Exception {
    try (InputStream in =
        Objects.requireNonNull(
            CerealFormatTest.class.getResourceAsStream("/io/baton/vsockframework/forms.txt"))) {
      return new String(in.readAllBytes(), US_ASCII)
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .map(line -> HexFormat.of().parseHex(line.substring(name.length() + 1)))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Reads what cereal wrote, and writes it again byte for byte. */
  private static <T extends Record> T readAndWritten(String name, Class<T> type) throws Exception {
    CerealFormat<T> format = CerealFormat.of(type);
    byte[] original = original(name);
    T read = format.read(original);
    assertThat(HexFormat.of().formatHex(format.write(read, original.length)))
        .isEqualTo(HexFormat.of().formatHex(original));
    return read;
  }

  @Test
  void arithmeticTypesAreAsInMemory() throws Exception {
    assertThat(readAndWritten("numbers", Numbers.class))
        .isEqualTo(
            new Numbers(true, (byte) -2, (short) -300, -70_000, -5_000_000_000L, 1.5f, -0.1));
  }

  @Test
  void stringsVectorsAndMapsHaveTheirSizeInFront() throws Exception {
    Containers read = readAndWritten("containers", Containers.class);
    assertThat(read.bytes).containsExactly(1, 2, 255);
    assertThat(read.longs).containsExactly(1L, -1L);
    assertThat(read.leaves).containsExactly(new Leaf(1, "one"), new Leaf(2, "zählt"));
    assertThat(read.map).containsExactly(new Entry("a", 1), new Entry("b", 2));
  }

  @Test
  void anObjectOfSeveralSharedPointersIsOneObjectAgain() throws Exception {
    Pointers read = readAndWritten("pointers", Pointers.class);
    assertThat(read.none).isEmpty();
    assertThat(read.one).contains(new Leaf(3, "three"));
    assertThat(read.nothing.get()).isNull();
    assertThat(read.first.get()).isEqualTo(new Leaf(4, "four")).isSameAs(read.again.get());
    assertThat(read.other.get()).isEqualTo(new Leaf(5, "five"));
    assertThat(read.all).containsExactly(read.other, read.first);
  }

  @Test
  void aPointerToABaseClassNamesTheClassOfItsObject() throws Exception {
    Things read = readAndWritten("polymorphic", Things.class);
    assertThat(read.all)
        .containsExactly(
            Optional.of(new NamedThing(new Base(1), "first")),
            Optional.of(new Sized(new Base(2), 99)),
            Optional.of(new NamedThing(new Base(3), "second")),
            Optional.empty(),
            Optional.of(new Base(4)));
    assertThat(read.shared.get()).isEqualTo(new Sized(new Base(5), -1)).isSameAs(read.same.get());
    assertThat(read.none.get()).isNull();
  }

  private static void assertRefused(Class<? extends Record> type, String hex, String why) {
    assertThatExceptionOfType(CerealException.class)
        .as(hex)
        .isThrownBy(() -> CerealFormat.of(type).read(HexFormat.of().parseHex(hex)))
        .withMessage(why);
  }

  @Test
  void mistakesAreSaidWithTypeAndField() {
    assertRefused(Leaf.class, "010000", "Leaf.n: needs 4 bytes; there are 3 left");
    assertRefused(
        Leaf.class,
        "01000000" + "0500000000000000" + "6162",
        "Leaf.s: a size of 5; the 2 bytes that are left have room for 2");
    assertRefused(
        Leaf.class,
        "01000000" + "ffffffffffffffff",
        "Leaf.s: a size of 18446744073709551615; the 0 bytes that are left have room for 0");
    assertRefused(
        Leaf.class,
        "01000000" + "0100000000000000" + "ff",
        "Leaf.s: a text of 1 bytes that is not UTF-8");
    assertRefused(
        Leaf.class, "01000000" + "0000000000000000" + "00", "Leaf: 1 bytes behind the last field");
    assertRefused(Numbers.class, "02", "Numbers.b: a bool of 2; allowed: 0 and 1");
    assertRefused(
        Containers.class,
        "0000000000000000"
            + "0000000000000000"
            + "0100000000000000"
            + "01000000"
            + "0900000000000000",
        "Containers.leaves[0].s: a size of 9; the 0 bytes that are left have room for 0");
    assertRefused(
        Containers.class,
        "0000000000000000" + "0200000000000000" + "0100000000000000",
        "Containers.longs: a size of 2; the 8 bytes that are left have room for 1");
    assertRefused(Pointers.class, "02", "Pointers.none: a pointer's mark of 2; allowed: 0 and 1");
    assertRefused(
        Pointers.class,
        "0000" + "05000000",
        "Pointers.nothing: shared object 5 is not known; there are 0");
    assertRefused(
        Pointers.class,
        "0000" + "05000080",
        "Pointers.nothing: shared object 5 comes first; expected is 1");
    assertRefused(
        Things.class,
        "0100000000000000" + "01000080" + "0100000000000000" + "58",
        "Things.all[0]: an object of class X; allowed: [, Named, Sized]");
    assertRefused(
        Things.class,
        "0100000000000000" + "01000000",
        "Things.all[0]: class 1 is not known; there are 0");
    assertRefused(
        Ring.class, "01000080" + "01000000", "Ring.next.next: shared object 1 contains itself");
  }

  @Test
  void aSharedObjectOfAnotherTypeIsRefused() {
    record Two(Shared<Leaf> leaf, Shared<Numbers> numbers) {}
    assertRefused(
        Two.class,
        "01000080" + "01000000" + "0000000000000000" + "01000000",
        "Two.numbers: shared object 1 has another type");
  }

  @Test
  void whatIsTooDeepIsRefusedBothWays() throws Exception {
    CerealFormat<Chain> format = CerealFormat.of(Chain.class);
    Chain chain = new Chain(0, Optional.empty());
    while (true) {
      Chain longer = new Chain(chain.n + 1, Optional.of(chain));
      byte[] bytes;
      try {
        bytes = format.write(longer, MAX);
      } catch (CerealException e) {
        assertThat(e).hasMessageContaining("more than 64 levels inside each other");
        break;
      }
      assertThat(format.read(bytes)).isEqualTo(longer);
      chain = longer;
    }
    assertThat(chain.n).isEqualTo(31);
    assertRefused(
        Chain.class,
        "0000000001".repeat(40),
        "Chain" + ".next".repeat(32) + ": more than 64 levels inside each other");
  }

  @Test
  void whatIsTooLongOrNullIsNotWritten() {
    CerealFormat<Leaf> format = CerealFormat.of(Leaf.class);
    assertThatExceptionOfType(CerealException.class)
        .isThrownBy(() -> format.write(new Leaf(1, "x".repeat(100)), 50))
        .withMessage("Leaf.s: the record takes more than the 50 bytes allowed");
    assertThatExceptionOfType(CerealException.class)
        .isThrownBy(() -> format.write(nulls(), MAX))
        .withMessage("Leaf.s: null; a pointer that may be null is an Optional or a Shared");
    record Words(List<String> all) {}
    assertThatExceptionOfType(CerealException.class)
        .isThrownBy(
            () -> CerealFormat.of(Words.class).write(new Words(Arrays.asList("a", null)), MAX))
        .withMessage("Words.all[1]: null; allowed: elements");
  }

  @SuppressWarnings("NullAway") // that is the mistake
  private static Leaf nulls() {
    return new Leaf(1, null);
  }

  @Test
  void aFieldWithoutAFormIsRefusedByItsName() {
    record Letter(char c) {}
    record Table(Map<String, Integer> map) {}
    record Bare(Thing thing) {}
    record Itself(Itself self) {}
    @SuppressWarnings("ArrayRecordComponent")
    record Numerous(int[] all) {}
    for (var each :
        Map.of(
                Letter.class, "Letter.c has type char; allowed: boolean, byte, short, int",
                Table.class, "Table.map has type java.util.Map<java.lang.String",
                Numerous.class, "Numerous.all has type int[]; allowed: boolean",
                Bare.class, "Bare.thing is a sealed interface; allowed: Optional (std::unique_ptr)",
                Itself.class, "Itself contains itself; allowed: through List")
            .entrySet()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> CerealFormat.of(each.getKey()))
          .withMessageContaining(each.getValue());
    }
  }

  @Test
  void aRecordThatRefusesItsFieldsIsAMistakeOfTheBytes() {
    record Positive(int n) {
      @SuppressWarnings("UnusedMethod") // it is, when a record is read
      Positive {
        if (n < 1) {
          throw new IllegalArgumentException("n is " + n);
        }
      }
    }
    assertRefused(
        Positive.class,
        "00000000",
        "Positive: refused by Positive: java.lang.IllegalArgumentException: n is 0");
  }

  /** Whatever one byte becomes, it is another record, or refused; and what was read is written. */
  @Test
  void changedBytesAreAnotherRecordOrRefused() throws Exception {
    long seed = Seeds.fresh(CerealFormatTest.class);
    Random random = new Random(seed);
    CerealFormat<Things> format = CerealFormat.of(Things.class);
    byte[] original = original("polymorphic");
    int refused = 0;
    for (int i = 0; i < ROUNDS; i++) {
      byte[] changed = Arrays.copyOf(original, random.nextInt(original.length + 1));
      if (random.nextBoolean()) {
        changed = original.clone();
        changed[random.nextInt(changed.length)] = (byte) random.nextInt();
      }
      try {
        Things read = format.read(changed);
        assertThat(format.write(read, MAX))
            .as("seed %d, round %d", seed, i)
            .hasSize(changed.length);
      } catch (CerealException e) {
        assertThat(e).as("seed %d, round %d", seed, i).hasMessageStartingWith("Things");
        refused++;
      }
    }
    assertThat(refused).as("seed %d", seed).isPositive();
  }

  record Empty() {}

  record Nothings(List<List<Empty>> all) {}

  @Test
  void elementsWithoutBytesAreNoMoreThanBytes() throws Exception {
    CerealFormat<Nothings> format = CerealFormat.of(Nothings.class);
    Nothings two = new Nothings(List.of(List.of(new Empty()), List.of(new Empty())));
    byte[] bytes = format.write(two, MAX);
    assertThatExceptionOfType(CerealException.class)
        .isThrownBy(() -> format.read(bytes))
        .withMessageContaining("have room for");
    byte[] padded = Arrays.copyOf(bytes, bytes.length + 2); // no form, but it is read up to there
    assertThatExceptionOfType(CerealException.class)
        .isThrownBy(() -> format.read(padded))
        .withMessageContaining("2 bytes behind the last field");
  }

  @Test
  void theHeapOfARecordIsNoMoreThanItsBoundSays() {
    assertThat(CerealFormat.of(Numbers.class).heapBytes(27)).isBetween(100L, 1_000L);
    assertThat(CerealFormat.of(Leaf.class).heapBytes(1_000)).isBetween(4_000L, 5_000L);
    CerealFormat<Containers> containers = CerealFormat.of(Containers.class);
    long most = containers.heapBytes(1_000_000);
    assertThat(most).as("of empty leaves, 12 bytes each").isGreaterThan(1_000_000L / 12 * 120);
    assertThat(most).isLessThan(40_000_000L);
    assertThat(CerealFormat.of(Ring.class).heapBytes(1_000)).isBetween(20_000L, 100_000L);
  }
}
