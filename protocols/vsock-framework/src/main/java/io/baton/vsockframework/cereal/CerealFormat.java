package io.baton.vsockframework.cereal;

/**
 * The binary form that the C++ library cereal gives a class ({@code BinaryOutputArchive} on a
 * little-endian machine), for a record with the same fields in the same order:
 *
 * <table>
 *   <caption>Types of fields</caption>
 *   <tr><th>C++</th><th>record</th><th>bytes</th></tr>
 *   <tr><td>{@code bool}, integers and enums of 8 to 64 bits, {@code float}, {@code double}</td>
 *     <td>boolean, byte, short, int, long, float, double</td><td>as in memory</td></tr>
 *   <tr><td>{@code std::string}</td><td>String (UTF-8), byte[]</td><td>u64 size, bytes</td></tr>
 *   <tr><td>{@code std::vector<T>}</td><td>{@code List<T>}, byte[]</td>
 *     <td>u64 size, elements</td></tr>
 *   <tr><td>a class, a base class</td><td>a record</td><td>its fields</td></tr>
 *   <tr><td>{@code std::unique_ptr<T>}</td><td>{@code Optional<T>}</td>
 *     <td>u8 valid, object</td></tr>
 *   <tr><td>{@code std::shared_ptr<T>}</td><td>{@code Shared<T>}</td>
 *     <td>u32 number (high bit: first use), object at its first use</td></tr>
 *   <tr><td>pointer to a class with virtual functions</td>
 *     <td>{@code Optional} or {@code Shared} of a sealed interface, see {@link CerealName}</td>
 *     <td>u32 number of the class (high bit: first use), name at its first use, pointer</td></tr>
 * </table>
 *
 * <p>A {@code std::map} has the form of a vector of records with key and value. Unsigned types are
 * read as the signed ones of their size.
 *
 * <p>Objects are immutable and safe for threads.
 *
 * @param <T> the record
 */
public final class CerealFormat<T extends Record> {
  private final Class<T> type;
  private final RecordShape shape;

  private final long heapPerByte;

  private CerealFormat(Class<T> type, Shapes shapes) {
    this.type = type;
    this.shape = shapes.of(type);
    this.heapPerByte = shapes.heapPerByte();
  }

  /**
   * Finds the form of a record.
   *
   * @throws IllegalArgumentException if a field has a type without a form; the text names it
   */
  public static <T extends Record> CerealFormat<T> of(Class<T> type) {
    if (type.getTypeParameters().length > 0 || !type.isRecord()) {
      throw new IllegalArgumentException(
          type.getName() + " is not a record without type parameters");
    }
    return new CerealFormat<>(type, new Shapes());
  }

  /** Returns the record's class. */
  public Class<T> type() {
    return type;
  }

  /** Returns the most bytes of heap that reading a record of so many bytes takes. */
  public long heapBytes(int bytes) {
    return shape.heapBytes() + heapPerByte * bytes;
  }

  /**
   * Reads a record, which takes all of the bytes. What it allocates is bounded by their number: see
   * {@link #heapBytes}.
   *
   * @throws CerealException if the bytes are none; the text names the field
   */
  public T read(byte[] bytes) throws CerealException {
    CerealReader in = new CerealReader(bytes);
    try {
      T read = type.cast(shape.read(in));
      if (in.remaining() > 0) {
        throw new CerealException("%d bytes behind the last field".formatted(in.remaining()));
      }
      return read;
    } catch (CerealException e) {
      throw e.in(type.getSimpleName());
    }
  }

  /**
   * Writes a record.
   *
   * @param max the most bytes that it may take
   * @throws CerealException if it takes more, or has a null; the text names the field
   */
  public byte[] write(T value, int max) throws CerealException {
    CerealWriter out = new CerealWriter(max);
    try {
      shape.write(out, value);
      return out.written();
    } catch (CerealException e) {
      throw e.in(type.getSimpleName());
    }
  }
}
