package io.baton.link.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Random messages of {@link Shop}, with the extremes of each type among them. */
final class RandomShop {
  private static final String TEXT = "a\"\\/\n\u0000\u007f\u00e4\u20ac{}[]:,\ud83d\ude00";

  private static final List<Shop.State> STATES = List.of(Shop.State.values());

  private final Random random;

  RandomShop(Random random) {
    this.random = random;
  }

  Shop message() {
    return switch (random.nextInt(4)) {
      case 0 -> new Shop.Text(text());
      case 1 -> new Shop.Numbers(integer(), number(), real(), (float) real(), random.nextBoolean());
      case 2 -> tree(0);
      default -> everything();
    };
  }

  private Shop.Everything everything() {
    byte[] bytes = new byte[random.nextInt(9)];
    random.nextBytes(bytes);
    EnumSet<Shop.State> states = EnumSet.noneOf(Shop.State.class);
    some(() -> states.add(state()));
    Map<Integer, List<Shop.Item>> shelves = new TreeMap<>();
    some(() -> shelves.put(integer(), some(() -> new Shop.Item(text(), integer(), number()))));
    Map<Shop.State, String> notes = new TreeMap<>();
    some(() -> notes.put(state(), text()));
    return new Shop.Everything(
        random.nextBoolean(),
        integer(),
        number(),
        (float) real(),
        real(),
        bytes,
        new BigDecimal(new BigInteger(random.nextInt(200), random), random.nextInt(400) - 200),
        new UUID(random.nextLong(), random.nextLong()),
        Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)),
        Duration.ofSeconds(random.nextInt(), random.nextInt(1_000_000_000)),
        state(),
        states,
        shelves,
        notes,
        random.nextBoolean() ? Optional.empty() : Optional.of(some(this::text)),
        some(() -> random.nextBoolean() ? Optional.empty() : Optional.of(integer())),
        shape(0),
        some(() -> shape(0)));
  }

  private Shop.Tree tree(int depth) {
    return new Shop.Tree(integer(), depth > 3 ? List.of() : some(() -> tree(depth + 1)));
  }

  private Shop.Shape shape(int depth) {
    return switch (random.nextInt(depth > 3 ? 2 : 3)) {
      case 0 -> new Shop.Circle(real());
      case 1 -> new Shop.Box(integer(), integer());
      default -> new Shop.Group(some(() -> shape(depth + 1)));
    };
  }

  private Shop.State state() {
    return STATES.get(random.nextInt(STATES.size()));
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    TEXT.codePoints().filter(c -> random.nextInt(4) == 0).forEach(text::appendCodePoint);
    return text.toString();
  }

  private int integer() {
    return (int) number();
  }

  private long number() {
    return random.nextLong() >> random.nextInt(64);
  }

  private double real() {
    return switch (random.nextInt(8)) {
      case 0 -> Double.NaN;
      case 1 -> Double.NEGATIVE_INFINITY;
      case 2 -> -0.0;
      case 3 -> Double.MAX_VALUE;
      default -> random.nextGaussian();
    };
  }

  private <T> List<T> some(Supplier<T> one) {
    return Stream.generate(one).limit(random.nextInt(4)).toList();
  }
}
