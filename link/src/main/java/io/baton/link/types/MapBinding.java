package io.baton.link.types;

import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A map, written in one block and read from any number of them; of equal keys, the last value
 * counts. Null is written as an empty one. What is read cannot be modified and has the peer's
 * order.
 *
 * @param where the component that it is in
 */
record MapBinding(Binding keys, Binding values, String where) implements Binding {
  @Override
  public Kind.MapOf kind() {
    return new Kind.MapOf(keys.kind(), values.kind());
  }

  @Override
  public Object absent() {
    return Map.of();
  }

  @Override
  public void write(@Nullable Object value, Output out) {
    Map<?, ?> all = value == null ? Map.of() : (Map<?, ?>) value;
    int size = all.size();
    if (size > 0) {
      out.enter();
      out.writeLong(size);
      int written = 0;
      for (Map.Entry<?, ?> entry : all.entrySet()) {
        keys.write(
            Objects.requireNonNull(entry.getKey(), () -> where + " has a key that is null"), out);
        values.write(
            Objects.requireNonNull(entry.getValue(), () -> where + " has a value that is null"),
            out);
        written++;
      }
      if (written != size) {
        throw new ConcurrentModificationException(where + " changed while it was written");
      }
      out.leave();
    }
    out.writeLong(0);
  }

  @Override
  public Reader reader(Kind peers, Resolver resolver, String where) throws SchemaException {
    // To Avro a map is another kind than an array of pairs, although their bytes are the same.
    if (!(peers instanceof Kind.MapOf(Kind peersKeys, Kind peersValues)
        && (peersKeys == Scalar.STRING) == (keys.kind() == Scalar.STRING))) {
      throw resolver.mismatch(peers, kind(), where);
    }
    Reader key = resolver.reader(peersKeys, keys, where);
    Reader value = resolver.reader(peersValues, values, where);
    return in -> read(key, value, in);
  }

  private static Object read(Reader key, Reader value, Input in)
      throws MalformedException, UndecodableException {
    int count = in.readBlock();
    if (count == 0) {
      return Map.of();
    }
    in.enter(0);
    Map<@Nullable Object, @Nullable Object> read = new LinkedHashMap<>();
    for (; count > 0; count = in.readBlock()) {
      for (int i = 0; i < count; i++) {
        in.element();
        Object k = key.read(in);
        read.put(k, value.read(in));
      }
    }
    in.leave();
    return Collections.unmodifiableMap(read);
  }
}
