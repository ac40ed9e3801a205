package io.baton.link.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TypesTest {
  private static final Types<Shop> TYPES = Types.of(Shop.class);

  private static byte[] bytes(Shop message) {
    Output out = new Output(1 << 20);
    TYPES.write(message, out);
    return out.toByteArray();
  }

  private static Shop readBack(Shop message) throws Exception {
    return TYPES.reading(TYPES.schema()).read(ByteBuffer.wrap(bytes(message)));
  }

  @Test
  void aRecordOfPrimitivesIsReadBack() throws Exception {
    for (Shop.Numbers numbers :
        List.of(
            new Shop.Numbers(0, 0, 0, 0, false),
            new Shop.Numbers(-1, 64, Double.MIN_VALUE, Float.NaN, true),
            new Shop.Numbers(
                Integer.MIN_VALUE, Long.MAX_VALUE, Double.NEGATIVE_INFINITY, -0f, true))) {
      assertThat(readBack(numbers)).isEqualTo(numbers);
    }
  }

  @Test
  void textsOfAllPlanesAreReadBack() throws Exception {
    for (String text : List.of("", "plain", "gr\u00fcn \u20ac \ud83d\ude00", "\uFFFD", "\u0000")) {
      assertThat(readBack(new Shop.Text(text))).isEqualTo(new Shop.Text(text));
    }
  }

  @Test
  void recordsInListsAndMapsAreReadBack() throws Exception {
    Shop.Order order =
        new Shop.Order(
            new UUID(1, -2),
            List.of(new Shop.Item("nut", 3, 250), new Shop.Item(null, -1, Long.MIN_VALUE)),
            Map.of("to", "anna"),
            Instant.MAX,
            Shop.State.SENT,
            Optional.of("X"));
    assertThat(readBack(order)).isEqualTo(order);
  }

  @Test
  void everyKindIsReadBack() throws Exception {
    byte[] some = {1, 2, 3};
    Shop.Everything all =
        new Shop.Everything(
            true,
            1,
            2L,
            3f,
            4d,
            some,
            new BigDecimal("-12345678901234567890.123"),
            Duration.ofNanos(-1),
            Set.of(Shop.State.PAID),
            Map.of(7, List.of(new Shop.Item("a", 1, 2)), -7, List.of()),
            Optional.of(List.of("x", "y")),
            new Shop.Circle(2),
            List.of(new Shop.Box(1, 2), new Shop.Circle(3)));
    Shop.Everything read = (Shop.Everything) readBack(all);
    assertThat(read).usingRecursiveComparison().isEqualTo(all);
  }

  @Test
  void nullIsReadAsNullAndAnEmptyCollection() throws Exception {
    Shop.Order order = (Shop.Order) readBack(new Shop.Order(null, null, null, null, null, null));
    assertThat(order)
        .isEqualTo(new Shop.Order(null, List.of(), Map.of(), null, null, Optional.empty()));
  }

  @Test
  void aMessageIsItsBranchAndItsFields() {
    assertThat(bytes(new Shop.Text("ab"))).containsExactly(0, 2, 4, 'a', 'b');
    assertThat(bytes(new Shop.Text(null))).containsExactly(0, 0);
    assertThat(bytes(new Shop.Tree(-1, List.of(new Shop.Tree(1, null)))))
        .containsExactly(8, 1, 2, 2, 0, 0);
  }

  @Test
  void aMessageBeyondTheLimitIsRemovedFromTheOutput() {
    Output out = new Output(10);
    TYPES.write(new Shop.Text("12345"), out);
    assertThatThrownBy(() -> TYPES.write(new Shop.Text("1"), out))
        .isInstanceOf(MessageTooLongException.class)
        .hasMessageContaining("10 bytes");
    assertThat(out.size()).isEqualTo(8);
    TYPES.write(new Shop.Text(null), out);
    assertThat(out.size()).isEqualTo(10);
  }

  @Test
  void nestingBeyondTheLimitIsRefusedByTheWriterAndUpToItRead() throws Exception {
    // Each level is a record and, but for the innermost, a list.
    Shop.Tree deepest = nested(32);
    assertThat(readBack(deepest)).isEqualTo(deepest);
    Output out = new Output(1000);
    assertThatThrownBy(() -> TYPES.write(nested(33), out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64");
    assertThat(out.size()).isZero();
    TYPES.write(deepest, out);
  }

  private static Shop.Tree nested(int levels) {
    Shop.Tree tree = new Shop.Tree(0, List.of());
    for (int i = 1; i < levels; i++) {
      tree = new Shop.Tree(i, List.of(tree));
    }
    return tree;
  }

  @Test
  void anElementThatIsNullIsRefusedNamingItsComponent() {
    List<Shop.@Nullable Item> items = new ArrayList<>(Arrays.asList((Shop.Item) null));
    @SuppressWarnings({"unchecked", "rawtypes"})
    Shop.Order order = new Shop.Order(null, (List) items, null, null, null, null);
    assertThatThrownBy(() -> TYPES.write(order, new Output(100)))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("Order.items");
  }

  @Test
  void aDecimalBeyondTheScaleIsRefused() {
    record Price(BigDecimal price) {}
    Types<Price> types = Types.of(Price.class);
    types.write(new Price(new BigDecimal("1e-4096")), new Output(100));
    assertThatThrownBy(() -> types.write(new Price(new BigDecimal("1e4097")), new Output(100)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4096");
  }

  @Test
  void aRecordAloneIsAUnionOfItself() throws Exception {
    record Alone(int value) {}
    Types<Alone> types = Types.of(Alone.class);
    Output out = new Output(100);
    types.write(new Alone(3), out);
    assertThat(out.toByteArray()).containsExactly(0, 6);
    assertThat(types.reading(types.schema()).read(out.buffer())).isEqualTo(new Alone(3));
  }
}
