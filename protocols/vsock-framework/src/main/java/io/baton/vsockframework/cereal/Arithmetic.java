package io.baton.vsockframework.cereal;

import java.nio.ByteBuffer;

/** The form of an arithmetic type: as it is in memory, little-endian. */
@SuppressWarnings("ImmutableEnumChecker") // the functions have no state
enum Arithmetic implements Shape {
  BOOLEAN(1, Arithmetic::truth, (out, value) -> out.put((byte) ((Boolean) value ? 1 : 0))),
  BYTE(Byte.BYTES, ByteBuffer::get, (out, value) -> out.put((Byte) value)),
  SHORT(Short.BYTES, ByteBuffer::getShort, (out, value) -> out.putShort((Short) value)),
  INT(Integer.BYTES, ByteBuffer::getInt, (out, value) -> out.putInt((Integer) value)),
  LONG(Long.BYTES, ByteBuffer::getLong, (out, value) -> out.putLong((Long) value)),
  FLOAT(Float.BYTES, ByteBuffer::getFloat, (out, value) -> out.putFloat((Float) value)),
  DOUBLE(Double.BYTES, ByteBuffer::getDouble, (out, value) -> out.putDouble((Double) value));

  private interface Get {
    Object from(ByteBuffer in) throws CerealException;
  }

  private interface Put {
    void to(ByteBuffer out, Object value);
  }

  private final int bytes;
  private final Get get;
  private final Put put;

  Arithmetic(int bytes, Get get, Put put) {
    this.bytes = bytes;
    this.get = get;
    this.put = put;
  }

  private static Object truth(ByteBuffer in) throws CerealException {
    byte value = in.get();
    if (value != 0 && value != 1) {
      throw new CerealException("a bool of %d; allowed: 0 and 1".formatted(value));
    }
    return value == 1;
  }

  @Override
  public Object read(CerealReader in) throws CerealException {
    return get.from(in.require(bytes));
  }

  @Override
  public void write(CerealWriter out, Object value) throws CerealException {
    put.to(out.room(bytes), value);
  }

  @Override
  public int minBytes() {
    return bytes;
  }

  /** Its box. */
  @Override
  public int heapBytes() {
    return 2 * Long.BYTES;
  }
}
