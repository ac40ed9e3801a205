package io.baton.link.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.RecordComponent;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Types without a mapping are refused at once, naming the component. */
@SuppressWarnings("ArrayRecordComponent")
class BinderTest {
  record Shorts(short component) {}

  record Bytes(byte component) {}

  record Chars(char component) {}

  record Characters(Character component) {}

  record BoxedShorts(Short component) {}

  record Ints(int[] component) {}

  record Texts(String[] component) {}

  record Lists(List<String>[] component) {}

  record Objects(Object component) {}

  record Dates(Date component) {}

  record Integers(BigInteger component) {}

  record Concrete(ArrayList<String> component) {}

  record Collections(Collection<String> component) {}

  @SuppressWarnings("rawtypes")
  record Raw(List component) {}

  record Wildcard(List<?> component) {}

  record Bounded(List<? extends Number> component) {}

  record Twice(Optional<Optional<String>> component) {}

  record Shortly(List<Short> component) {}

  record Pair<T>(T left) {}

  record GenericPart(Pair<String> component) {}

  record Empty() {}

  record Nothing(List<Empty> component) {}

  record HashedRecord(int value) {}

  record SetOfRecords(Set<HashedRecord> component) {}

  record MapByRecords(Map<HashedRecord, String> component) {}

  record SetOfLists(Set<List<String>> component) {}

  record SetOfArrays(Set<byte[]> component) {}

  interface Open {}

  record OpenPart(Open component) {}

  sealed interface Mixed permits NoRecord {}

  static final class NoRecord implements Mixed {}

  record MixedPart(Mixed component) {}

  sealed interface Generic<T> permits Concretely {}

  record Concretely(int value) implements Generic<String> {}

  @SuppressWarnings("rawtypes")
  record RawSealed(Generic component) {}

  record GenericSealed(Generic<String> component) {}

  enum Odd {
    $A
  }

  record OddConstant(Odd component) {}

  @ParameterizedTest
  @ValueSource(
      classes = {
        Shorts.class,
        Bytes.class,
        Chars.class,
        Characters.class,
        BoxedShorts.class,
        Ints.class,
        Texts.class,
        Lists.class,
        Objects.class,
        Dates.class,
        Integers.class,
        Concrete.class,
        Collections.class,
        Raw.class,
        Wildcard.class,
        Bounded.class,
        Twice.class,
        Shortly.class,
        GenericPart.class,
        Nothing.class,
        SetOfRecords.class,
        MapByRecords.class,
        SetOfLists.class,
        SetOfArrays.class,
        OpenPart.class,
        MixedPart.class,
        RawSealed.class,
        GenericSealed.class
      })
  void aComponentWithoutAMappingIsRefused(Class<?> type) {
    assertThatThrownBy(() -> Types.of(type))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(type.getSimpleName() + ".component");
  }

  @Test
  void aRefusalSaysWhatToUseInstead() {
    assertThatThrownBy(() -> Types.of(Shorts.class))
        .hasMessage(
            "Shorts.component: short cannot be written: use int, long, float, double, BigDecimal"
                + " or String");
    assertThatThrownBy(() -> Types.of(SetOfRecords.class))
        .hasMessageContaining("implement Comparable of their own class");
  }

  interface Left {
    record Same(int value) {}
  }

  interface Right {
    record Same(int value) {}
  }

  record Both(Left.@Nullable Same left, Right.@Nullable Same right) {}

  record Instant(int value) {}

  record Do$lar(int value) {}

  record Dollar(int a$b) {}

  @Test
  void namesThatAreNotUniqueOrNotAvrosAreRefused() {
    assertThatThrownBy(() -> Types.of(Both.class)).hasMessageContaining("two types are named Same");
    assertThatThrownBy(() -> Types.of(Instant.class)).hasMessageContaining("reserved");
    assertThatThrownBy(() -> Types.of(Do$lar.class)).hasMessageContaining("Do$lar");
    assertThatThrownBy(() -> Types.of(Dollar.class)).hasMessageContaining("a$b");
    assertThatThrownBy(() -> Types.of(OddConstant.class)).hasMessageContaining("letters");
  }

  @Test
  void whatIsNoRecordAndNoSealedInterfaceIsRefused() {
    for (Class<?> type : List.of(String.class, Open.class, Mixed.class, Odd.class, int.class)) {
      assertThatThrownBy(() -> Types.of(type))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(type.getName());
    }
    assertThatThrownBy(() -> Types.of(Pair.class)).hasMessageContaining("type parameters");
  }

  @Test
  void aRecordWithTooManyComponentsIsRefused() throws Exception {
    assertThatThrownBy(() -> Types.of(wide("int", 251)))
        .hasMessageContaining("at most 250 components");
    assertThatThrownBy(() -> Types.of(wide("double", 126)))
        .hasMessageContaining("long and double counted twice");
  }

  @Test
  void aRecordWithTheMostComponentsIsReadBackAlsoByAnotherVersion() throws Exception {
    readBack(wide("int", 250), wide("int", 250));
    readBack(wide("Integer", 250), wide("Integer", 249));
    readBack(wide("long", 124), wide("long", 125));
  }

  private static <A, B> void readBack(Class<A> from, Class<B> to) throws Exception {
    Types<A> types = Types.of(from);
    A message = from.cast(new RandomValues(new Random(1)).message(from));
    Output out = new Output(10_000);
    types.write(message, out);
    B read = Types.of(to).reading(types.schema()).read(out.buffer());
    RecordComponent first = from.getRecordComponents()[0];
    assertThat(AvroValues.get(to.getRecordComponents()[0], read))
        .isEqualTo(AvroValues.get(first, message));
  }

  private static Class<?> wide(String type, int components) throws Exception {
    String all =
        IntStream.range(0, components)
            .mapToObj(i -> type + " c" + i)
            .collect(Collectors.joining(", "));
    return MemoryCompiler.compile(Map.of("Wide", "public record Wide(%s) {}".formatted(all)))
        .loadClass("Wide");
  }

  record Key(int value) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return Integer.compare(value, other.value);
    }
  }

  record Keyed(Map<Key, List<Optional<Key>>> map, Set<Key> set) {}

  @Test
  void comparableRecordsAreKeysAndOptionalsAreElements() throws Exception {
    Types<Keyed> types = Types.of(Keyed.class);
    Keyed keyed =
        new Keyed(
            Map.of(new Key(1), List.of(Optional.of(new Key(2)), Optional.empty())),
            Set.of(new Key(3)));
    Output out = new Output(100);
    types.write(keyed, out);
    assertThat(types.reading(types.schema()).read(out.buffer())).isEqualTo(keyed);
  }

  enum Level {
    LOW,
    HIGH {
      @Override
      public String toString() {
        return "a constant with a body, which makes the enum sealed";
      }
    }
  }

  record Levels(Map<Level, Set<Level>> all) {}

  @Test
  void enumsWhoseConstantsHaveBodiesAreKeys() throws Exception {
    Types<Levels> types = Types.of(Levels.class);
    Levels levels = new Levels(Map.of(Level.HIGH, Set.of(Level.LOW)));
    Output out = new Output(100);
    types.write(levels, out);
    assertThat(types.reading(types.schema()).read(out.buffer())).isEqualTo(levels);
  }

  sealed interface Outer {}

  sealed interface Inner extends Outer {}

  record One(int value) implements Outer {}

  record Two(int value) implements Inner, Other {}

  sealed interface Other extends Outer {}

  @Test
  void sealedInterfacesInEachOtherAreOneUnion() throws Exception {
    assertThat(AvroSchema.of(Types.of(Outer.class).schema()))
        .isEqualTo(
            """
            [{"type":"record","name":"Two","fields":[{"name":"value","type":"int","default":0}]},\
            {"type":"record","name":"One","fields":[{"name":"value","type":"int","default":0}]}]\
            """);
  }
}
