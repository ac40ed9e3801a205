package io.baton.link.types;

import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Random values of Java types, with the extremes of each among them. */
final class RandomValues {
  private static final int DEEPEST = 5;

  private final Random random;

  RandomValues(Random random) {
    this.random = random;
  }

  /** Returns a record that a sealed interface permits. */
  Object message(Class<?> sealed) {
    return value(sealed, 0);
  }

  private @Nullable Object component(Type type, int depth) {
    boolean isPrimitive = type instanceof Class<?> c && c.isPrimitive();
    return !isPrimitive && (depth > DEEPEST || random.nextInt(5) == 0) ? null : value(type, depth);
  }

  private Object value(Type type, int depth) {
    if (type instanceof ParameterizedType parameterized) {
      Type[] of = parameterized.getActualTypeArguments();
      Type raw = parameterized.getRawType();
      int size = depth > DEEPEST ? 0 : random.nextInt(4);
      if (raw == List.class) {
        return IntStream.range(0, size).mapToObj(i -> value(of[0], depth + 1)).toList();
      }
      if (raw == Set.class) {
        Set<Object> set = new LinkedHashSet<>();
        IntStream.range(0, size).forEach(i -> set.add(value(of[0], depth + 1)));
        return set;
      }
      if (raw == Map.class) {
        Map<Object, Object> map = new LinkedHashMap<>();
        IntStream.range(0, size)
            .forEach(i -> map.put(value(of[0], depth + 1), value(of[1], depth + 1)));
        return map;
      }
      return size == 0 ? Optional.empty() : Optional.of(value(of[0], depth + 1));
    }
    Class<?> c = (Class<?>) type;
    if (c.isSealed()) {
      Class<?>[] permitted = c.getPermittedSubclasses();
      return value(permitted[random.nextInt(permitted.length)], depth);
    }
    if (c.isEnum()) {
      return c.getEnumConstants()[random.nextInt(c.getEnumConstants().length)];
    }
    return c.isRecord() ? record(c, depth + 1) : scalar(c);
  }

  private Object record(Class<?> type, int depth) {
    List<@Nullable Object> values = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      values.add(component(component.getGenericType(), depth));
    }
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values.toArray());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private Object scalar(Class<?> c) {
    return switch (c.getSimpleName()) {
      case "boolean", "Boolean" -> random.nextBoolean();
      case "int", "Integer" -> (int) integer(32);
      case "long", "Long" -> integer(64);
      case "float", "Float" -> random.nextFloat() * 1e6f;
      case "double", "Double" -> random.nextGaussian() * 1e9;
      case "String" -> text();
      case "byte[]" -> bytes(random.nextInt(20));
      case "BigDecimal" ->
          new BigDecimal(
              new BigInteger(bytes(1 + random.nextInt(200))),
              random.nextInt(2 * Scalar.MAX_SCALE + 1) - Scalar.MAX_SCALE);
      case "UUID" -> new UUID(random.nextLong(), random.nextLong());
      case "Instant" -> Instant.ofEpochSecond(integer(54), random.nextInt(1_000_000_000));
      case "Duration" -> Duration.ofSeconds(integer(64), random.nextInt(1_000_000_000));
      default -> throw new IllegalArgumentException(c.getName());
    };
  }

  /** Returns numbers of each length, the longest as likely as the shortest. */
  private long integer(int bits) {
    return random.nextLong() >> (64 - bits) >> random.nextInt(bits);
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      text.appendCodePoint(
          switch (random.nextInt(8)) {
            case 0 -> 0x80 + random.nextInt(0x700);
            case 1 -> 0x3000 + random.nextInt(0x1000);
            case 2 -> 0x1f600 + random.nextInt(50);
            case 3 -> 0xfffd;
            default -> ' ' + random.nextInt(95);
          });
    }
    return text.toString();
  }
}
