package io.baton.link.types;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A kind of value without parts. The order is that of the tags in {@link SchemaBytes}: constants
 * are only ever added at the end.
 */
@SuppressWarnings("ImmutableEnumChecker") // the functions have no state
enum Scalar implements Kind {
  BOOLEAN((value, out) -> out.writeBoolean((boolean) value), Input::readBoolean),
  INT((value, out) -> out.writeInt((int) value), Input::readInt),
  LONG((value, out) -> out.writeLong((long) value), Input::readLong),
  FLOAT((value, out) -> out.writeFloat((float) value), Input::readFloat),
  DOUBLE((value, out) -> out.writeDouble((double) value), Input::readDouble),
  BYTES((value, out) -> out.writeBytes((byte[]) value), Input::readBytes),
  STRING((value, out) -> out.writeString((String) value), Input::readString),
  DECIMAL((value, out) -> writeDecimal((BigDecimal) value, out), Scalar::readDecimal),
  UUID((value, out) -> writeUuid((UUID) value, out), Scalar::readUuid),
  INSTANT(
      (value, out) -> writeInstant((Instant) value, out),
      in -> readTime(in, Instant::ofEpochSecond)),
  DURATION(
      (value, out) -> writeDuration((Duration) value, out),
      in -> readTime(in, Duration::ofSeconds));

  /** Decimals beyond it cost time and memory out of proportion when they are computed with. */
  static final int MAX_SCALE = 4096;

  private static final int NANOS_PER_SECOND = 1_000_000_000;

  private final Writer writer;
  private final Reader reader;

  Scalar(Writer writer, Reader reader) {
    this.writer = writer;
    this.reader = reader;
  }

  Writer writer() {
    return writer;
  }

  /** Returns how this kind at the peer becomes another here, null if it does not: as in Avro. */
  @Nullable Reader as(Scalar own) {
    if (own == this) {
      return reader;
    }
    boolean isWider = isNumber() && own.isNumber() && own.compareTo(this) > 0;
    return isWider ? in -> own.widened((Number) Objects.requireNonNull(reader.read(in))) : null;
  }

  private boolean isNumber() {
    return switch (this) {
      case INT, LONG, FLOAT, DOUBLE -> true;
      default -> false;
    };
  }

  private Number widened(Number value) {
    return switch (this) {
      case LONG -> value.longValue();
      case FLOAT -> value.floatValue();
      default -> value.doubleValue();
    };
  }

  void skip(Input in) throws MalformedException {
    switch (this) {
      case BOOLEAN -> in.skip(1);
      case INT, LONG -> in.readLong();
      case FLOAT -> in.skip(4);
      case DOUBLE -> in.skip(8);
      case BYTES, STRING, DECIMAL -> in.skipBytes();
      case UUID -> in.skip(16);
      case INSTANT, DURATION -> {
        in.readLong();
        in.readLong();
      }
    }
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
      throw in.undecodable("a decimal's scale is %d".formatted(scale), null);
    }
    return new BigDecimal(new BigInteger(unscaled), scale);
  }

  private static void writeUuid(UUID value, Output out) {
    out.writeFixed8(Long.reverseBytes(value.getMostSignificantBits()));
    out.writeFixed8(Long.reverseBytes(value.getLeastSignificantBits()));
  }

  private static UUID readUuid(Input in) throws MalformedException {
    long high = Long.reverseBytes(in.readFixed8());
    return new UUID(high, Long.reverseBytes(in.readFixed8()));
  }

  private static void writeInstant(Instant value, Output out) {
    out.writeLong(value.getEpochSecond());
    out.writeLong(value.getNano());
  }

  private static void writeDuration(Duration value, Output out) {
    out.writeLong(value.toSeconds());
    out.writeLong(value.toNanosPart());
  }

  private interface Time {
    Object of(long seconds, long nanos);
  }

  private static Object readTime(Input in, Time time)
      throws MalformedException, UndecodableException {
    long seconds = in.readLong();
    int nanos = in.readInt();
    if (nanos < 0 || nanos >= NANOS_PER_SECOND) {
      throw in.undecodable("%d is not a number of nanoseconds".formatted(nanos), null);
    }
    return time.of(seconds, nanos);
  }
}
