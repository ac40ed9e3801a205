package io.baton.link.json;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The messages of the tests: each kind of component occurs. */
@SuppressWarnings({"ArrayRecordComponent", "NullableOptional"})
sealed interface Shop {
  record Text(@Nullable String text) implements Shop {}

  record Numbers(int a, long b, double c, float d, boolean e) implements Shop {}

  record Everything(
      @Nullable Boolean flag,
      @Nullable Integer i,
      @Nullable Long l,
      @Nullable Float f,
      @Nullable Double d,
      byte @Nullable [] bytes,
      @Nullable BigDecimal price,
      @Nullable UUID id,
      @Nullable Instant at,
      @Nullable Duration within,
      @Nullable State state,
      @Nullable Set<State> states,
      @Nullable Map<Integer, List<Item>> shelves,
      @Nullable Map<State, String> notes,
      @Nullable Optional<List<String>> tags,
      @Nullable List<Optional<Integer>> maybe,
      @Nullable Shape shape,
      @Nullable List<Shape> shapes)
      implements Shop {}

  record Tree(int value, @Nullable List<Tree> children) implements Shop {}

  record Item(@Nullable String name, int count, long cents) {}

  enum State {
    NEW,
    PAID {
      @Override
      public String toString() {
        return "not its name";
      }
    },
    SENT
  }

  sealed interface Shape {}

  record Circle(double radius) implements Shape {}

  sealed interface Angular extends Shape {}

  record Box(int width, int height) implements Angular {}

  record Group(@Nullable List<Shape> shapes) implements Shape {}
}
