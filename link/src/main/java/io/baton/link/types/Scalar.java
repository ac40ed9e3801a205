package io.baton.link.types;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A kind of value without parts. The order is that of the tags in {@link Schema}: constants are
 * only ever added at the end.
 */
enum Scalar implements Reader {
  BOOLEAN(1),
  INT(-1),
  LONG(-1),
  FLOAT(4),
  DOUBLE(8),
  BYTES(0),
  STRING(0),
  DECIMAL(0),
  UUID(16),
  INSTANT(-2),
  DURATION(-2);

  static final int COUNT = 11;

  /** Decimals beyond it cost time and memory out of proportion when they are computed with. */
  static final int MAX_SCALE = 4096;

  private static final int NANOS_PER_SECOND = 1_000_000_000;
  private static final Scalar[] VALUES = values();

  /** The number of bytes; 0 if they begin with their number; below, that of Avro's longs. */
  private final int size;

  Scalar(int size) {
    this.size = size;
  }

  /** Returns the scalar that a kind is, which is none of the others. */
  static Scalar of(Kind kind) {
    return VALUES[kind.tag()];
  }

  @SuppressWarnings("EnumOrdinal") // it is the tag in a schema's bytes
  Kind kind() {
    return new Kind(ordinal(), 0, List.of());
  }

  void write(Object value, Output out) {
    switch (this) {
      case BOOLEAN -> out.writeBoolean((boolean) value);
      case INT -> out.writeInt((int) value);
      case LONG -> out.writeLong((long) value);
      case FLOAT -> out.writeFloat((float) value);
      case DOUBLE -> out.writeDouble((double) value);
      case BYTES -> out.writeBytes((byte[]) value);
      case STRING -> out.writeString((String) value);
      case DECIMAL -> writeDecimal((BigDecimal) value, out);
      case UUID -> {
        UUID uuid = (UUID) value;
        out.writeFixed8(Long.reverseBytes(uuid.getMostSignificantBits()));
        out.writeFixed8(Long.reverseBytes(uuid.getLeastSignificantBits()));
      }
      case INSTANT -> {
        Instant instant = (Instant) value;
        out.writeLong(instant.getEpochSecond());
        out.writeLong(instant.getNano());
      }
      case DURATION -> {
        Duration duration = (Duration) value;
        out.writeLong(duration.toSeconds());
        out.writeLong(duration.toNanosPart());
      }
    }
  }

  @Override
  public Object read(Input in) throws MalformedException, UndecodableException {
    return switch (this) {
      case BOOLEAN -> in.readBoolean();
      case INT -> in.readInt();
      case LONG -> in.readLong();
      case FLOAT -> in.readFloat();
      case DOUBLE -> in.readDouble();
      case BYTES -> in.readBytes();
      case STRING -> in.readString();
      case DECIMAL -> readDecimal(in);
      case UUID -> new UUID(Long.reverseBytes(in.readFixed8()), Long.reverseBytes(in.readFixed8()));
      case INSTANT -> Instant.ofEpochSecond(in.readLong(), readNanos(in));
      case DURATION -> Duration.ofSeconds(in.readLong(), readNanos(in));
    };
  }

  /** Returns how this kind at the peer becomes another here, null if it does not: as in Avro. */
  @Nullable Reader as(Scalar own) {
    if (own == this) {
      return this;
    }
    boolean isWider = isNumber() && own.isNumber() && own.compareTo(this) > 0;
    return isWider ? in -> own.widened((Number) read(in)) : null;
  }

  private boolean isNumber() {
    return compareTo(INT) >= 0 && compareTo(DOUBLE) <= 0;
  }

  private Number widened(Number value) {
    return switch (this) {
      case LONG -> value.longValue();
      case FLOAT -> value.floatValue();
      default -> value.doubleValue();
    };
  }

  void skip(Input in) throws MalformedException {
    if (size == 0) {
      in.skipBytes();
    }
    for (int i = size; i < 0; i++) {
      in.readLong();
    }
    in.skip(Math.max(size, 0));
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Writes what Avro's logical type big-decimal does: bytes around the unscaled bytes and scale.
   */
  private static void writeDecimal(BigDecimal value, Output out) {
    if (Math.abs((long) value.scale()) > MAX_SCALE) {
      throw new IllegalArgumentException(
          "a decimal's scale is between -%d and %d, not %d; the message is not sent"
              .formatted(MAX_SCALE, MAX_SCALE, value.scale()));
    }
    byte[] unscaled = value.unscaledValue().toByteArray();
    Output inner = new Output(unscaled.length + Long.BYTES);
    inner.writeBytes(unscaled);
    inner.writeInt(value.scale());
    out.writeBytes(inner.toByteArray());
  }

  private static BigDecimal readDecimal(Input in) throws MalformedException, UndecodableException {
    byte[] all = in.readBytes();
    Input inner = new Input(all, 0, all.length);
    byte[] unscaled = inner.readBytes();
    int scale = inner.readInt();
    inner.finish();
    if (unscaled.length == 0) {
      throw in.malformed("a decimal without digits");
    }
    if (Math.abs((long) scale) > MAX_SCALE) {
      throw in.undecodable(null, "a decimal's scale is %d", scale);
    }
    return new BigDecimal(new BigInteger(unscaled), scale);
  }

  private static int readNanos(Input in) throws MalformedException, UndecodableException {
    int nanos = in.readInt();
    if (nanos < 0 || nanos >= NANOS_PER_SECOND) {
      throw in.undecodable(null, "%d is not a number of nanoseconds", nanos);
    }
    return nanos;
  }
}
