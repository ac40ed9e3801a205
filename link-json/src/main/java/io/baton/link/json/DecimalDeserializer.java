package io.baton.link.json;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.jdk.NumberDeserializers;
import tools.jackson.databind.deser.std.StdDeserializer;

/** Reads decimals with the bound on the scale that the binary format has. */
final class DecimalDeserializer extends StdDeserializer<BigDecimal> {
  /** Decimals beyond it cost time and memory out of proportion when they are computed with. */
  static final int MAX_SCALE = 4096;

  DecimalDeserializer() {
    super(BigDecimal.class);
  }

  @Override
  public @Nullable BigDecimal deserialize(JsonParser parser, DeserializationContext context) {
    BigDecimal value =
        NumberDeserializers.BigDecimalDeserializer.instance.deserialize(parser, context);
    if (value != null && Math.abs((long) value.scale()) > MAX_SCALE) {
      throw context.weirdNumberException(
          value,
          BigDecimal.class,
          "a decimal's scale is between -%d and %d".formatted(MAX_SCALE, MAX_SCALE));
    }
    return value;
  }
}
