package io.baton.link.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two versions of the same messages, each read by the other. */
@SuppressWarnings({"SameNameButDifferent", "ArrayRecordComponent"}) // both versions' names
class EvolutionTest {
  interface V1 {
    sealed interface M {}

    record Point(int x, int y) implements M {}

    record Gone(String why) implements M {}

    record Colored(@Nullable Color color) implements M {}

    record Holder(@Nullable Shape shape, int after) implements M {}

    enum Color {
      RED,
      GREEN
    }

    sealed interface Shape {}

    record Dot(int size) implements Shape {}

    record Line(int length) implements Shape {}
  }

  interface V2 {
    sealed interface M {}

    record Holder(int before, @Nullable Shape shape, int after) implements M {}

    record Colored(@Nullable Color color) implements M {}

    record Fresh(int value) implements M {}

    record Point(
        int y,
        @Nullable String label,
        int x,
        boolean flag,
        double weight,
        List<String> list,
        Set<Integer> set,
        Map<String, Integer> map,
        Map<Integer, UUID> pairs,
        Optional<String> maybe,
        @Nullable Color color,
        @Nullable Shape shape,
        float f,
        long l,
        @Nullable Instant at,
        @Nullable BigDecimal price)
        implements M {}

    enum Color {
      BLUE,
      GREEN
    }

    sealed interface Shape {}

    record Line(int length) implements Shape {}

    record Cube(int edge) implements Shape {}

    record Dot(int size) implements Shape {}
  }

  private static final Types<V1.M> OLD = Types.of(V1.M.class);
  private static final Types<V2.M> NEW = Types.of(V2.M.class);

  private static <A, B> B read(Types<A> from, A message, Types<B> to) throws Exception {
    Output out = new Output(10_000);
    from.write(message, out);
    return to.reading(from.schema()).read(out.buffer());
  }

  private static <A, B> B read(A message, Class<A> from, Class<B> to) throws Exception {
    return read(Types.of(from), message, Types.of(to));
  }

  @Test
  void addedComponentsAreZeroNullOrEmptyAndReorderedOnesAreFound() throws Exception {
    assertThat(read(OLD, new V1.Point(1, 2), NEW)).isEqualTo(addedTo(1, 2));
  }

  private static V2.Point addedTo(int x, int y) {
    return new V2.Point(
        y,
        null,
        x,
        false,
        0,
        List.of(),
        Set.of(),
        Map.of(),
        Map.of(),
        Optional.empty(),
        null,
        null,
        0,
        0,
        null,
        null);
  }

  @Test
  void aMessageOfAnOldPeerIsPassedOnToANewOne() throws Exception {
    V2.M relayed = read(OLD, new V1.Point(-3, 7), NEW);
    assertThat(read(NEW, relayed, NEW)).isEqualTo(relayed);
  }

  @Test
  void removedComponentsAreSteppedOver() throws Exception {
    V2.Point full =
        new V2.Point(
            2,
            "label",
            1,
            true,
            3,
            List.of("a", "b"),
            Set.of(4, 5),
            Map.of("k", 6),
            Map.of(7, new UUID(8, 9)),
            Optional.of("x"),
            V2.Color.BLUE,
            new V2.Cube(10),
            11,
            12,
            Instant.EPOCH,
            BigDecimal.TEN);
    assertThat(read(NEW, full, OLD)).isEqualTo(new V1.Point(1, 2));
    assertThat(read(NEW, addedTo(3, 4), OLD)).isEqualTo(new V1.Point(3, 4));
  }

  @Test
  void constantsAreFoundByNameAndAnUnknownOneCostsItsMessageOnly() throws Exception {
    assertThat(read(OLD, new V1.Colored(V1.Color.GREEN), NEW))
        .isEqualTo(new V2.Colored(V2.Color.GREEN));
    assertThat(read(OLD, new V1.Colored(null), NEW)).isEqualTo(new V2.Colored(null));
    assertThatThrownBy(() -> read(NEW, new V2.Colored(V2.Color.BLUE), OLD))
        .isInstanceOfSatisfying(
            UndecodableException.class, e -> assertThat(e.type()).isEqualTo("Colored"))
        .hasMessage("Colored cannot be decoded: Color has no constant BLUE here");
  }

  @Test
  void anUnknownMessageCostsItselfOnly() throws Exception {
    ReadingPlan<V2.M> plan = NEW.reading(OLD.schema());
    Output out = new Output(100);
    OLD.write(new V1.Gone("x"), out);
    assertThatThrownBy(() -> plan.read(out.buffer()))
        .isInstanceOfSatisfying(
            UndecodableException.class, e -> assertThat(e.type()).isEqualTo("Gone"))
        .hasMessageContaining("Gone, which is unknown here");
    out.clear();
    OLD.write(new V1.Point(1, 2), out);
    assertThat(plan.read(out.buffer())).isEqualTo(addedTo(1, 2));
  }

  @Test
  void anUnknownMemberOfAComponentCostsItsMessageOnly() throws Exception {
    assertThat(read(OLD, new V1.Holder(new V1.Dot(1), 2), NEW))
        .isEqualTo(new V2.Holder(0, new V2.Dot(1), 2));
    assertThat(read(NEW, new V2.Holder(0, null, 2), OLD)).isEqualTo(new V1.Holder(null, 2));
    assertThatThrownBy(() -> read(NEW, new V2.Holder(0, new V2.Cube(1), 2), OLD))
        .isInstanceOf(UndecodableException.class)
        .hasMessage("Holder cannot be decoded: Holder.shape has Cube, which is unknown here");
  }

  interface Narrow {
    record Numbers(
        int a, int b, long c, float d, int e, Set<Integer> set, Map<Integer, Float> map) {}
  }

  interface Wide {
    record Numbers(
        long a,
        double b,
        double c,
        double d,
        @Nullable Long e,
        List<Long> set,
        Map<Long, Double> map) {}
  }

  @Test
  void numbersArePromotedAlsoInCollections() throws Exception {
    assertThat(
            read(
                new Narrow.Numbers(-1, 2, 1L << 40, 0.5f, 5, Set.of(6), Map.of(7, 8f)),
                Narrow.Numbers.class,
                Wide.Numbers.class))
        .isEqualTo(new Wide.Numbers(-1, 2, 0x1p40, 0.5, 5L, List.of(6L), Map.of(7L, 8d)));
  }

  interface Boxed {
    record Value(@Nullable Integer value) {}
  }

  interface Unboxed {
    record Value(int value) {}
  }

  @Test
  void nullForAPrimitiveCostsItsMessageOnly() throws Exception {
    assertThat(read(new Boxed.Value(3), Boxed.Value.class, Unboxed.Value.class))
        .isEqualTo(new Unboxed.Value(3));
    assertThat(read(new Unboxed.Value(3), Unboxed.Value.class, Boxed.Value.class))
        .isEqualTo(new Boxed.Value(3));
    assertThatThrownBy(() -> read(new Boxed.Value(null), Boxed.Value.class, Unboxed.Value.class))
        .isInstanceOf(UndecodableException.class)
        .hasMessageContaining("Value.value is never null here");
  }

  interface Before {
    record A(long number, String text, List<String> list, Map<String, Integer> map, Part part) {}

    record Part(int value) {}
  }

  interface Narrowed {
    record A(int number) {}
  }

  interface Text {
    record A(byte[] text) {}
  }

  interface Collection {
    record A(Optional<String> list) {}
  }

  interface Keys {
    record A(Map<Integer, Integer> map) {}
  }

  interface Renamed {
    record A(Piece part) {}

    record Piece(int value) {}
  }

  interface Deep {
    record A(Part part) {}

    record Part(boolean value) {}
  }

  interface Other {
    record B(long number) {}
  }

  @Test
  void aChangeOfKindIsRefusedWhenThePlanIsMadeNamingTypeAndField() throws Exception {
    byte[] peers = Types.of(Before.A.class).schema();
    Map<Class<?>, String> refusals =
        Map.of(
            Narrowed.A.class, "A.number is long at the peer and int here",
            Text.A.class, "A.text is string at the peer and bytes here",
            Collection.A.class, "A.list is list of string at the peer and string here",
            Keys.A.class, "A.map is map of string to int at the peer and map of int to int here",
            Renamed.A.class, "A.part is Part at the peer and Piece here",
            Deep.A.class, "Part.value is int at the peer and boolean here",
            Other.B.class, "the union of messages is A at the peer and B here");
    refusals.forEach((type, refusal) ->
        assertThatThrownBy(() -> Types.of(type).reading(peers))
            .isInstanceOf(SchemaException.class)
            .hasMessage(refusal));
  }

  @Test
  void messagesOfWhichNoneIsKnownHereAreRefused() throws Exception {
    byte[] peers = OLD.schema();
    assertThatThrownBy(() -> Types.of(V1.Shape.class).reading(peers))
        .isInstanceOf(SchemaException.class)
        .hasMessage(
            "the union of messages is Point or Gone or Colored or Holder at the peer and Dot or"
                + " Line here");
  }

  record Picky(int value) {
    Picky {
      if (value < 0) {
        throw new IllegalStateException("negative");
      }
    }
  }

  interface Careless {
    record Picky(int value) {}
  }

  @Test
  void aValueThatAConstructorRejectsCostsItsMessageOnly() throws Exception {
    assertThat(read(new Careless.Picky(1), Careless.Picky.class, Picky.class))
        .isEqualTo(new Picky(1));
    assertThatThrownBy(() -> read(new Careless.Picky(-1), Careless.Picky.class, Picky.class))
        .isInstanceOf(UndecodableException.class)
        .hasMessageContaining("Picky rejects its values: java.lang.IllegalStateException: negative")
        .hasRootCauseMessage("negative");
  }
}
