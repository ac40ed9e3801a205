package io.baton.link.types;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A list, set or map, written in one block and read from any number of them; of equal keys, the
 * last value counts. Null is written as an empty one. What is read cannot be modified and has the
 * peer's order.
 */
final class ElementsBinding implements Binding {
  private final @Nullable Binding keys;
  private final Binding items;
  private final Object empty;
  private final String where;
  private final Kind kind;

  private ElementsBinding(@Nullable Binding keys, Binding items, Object empty, String where) {
    this.keys = keys;
    this.items = items;
    this.empty = empty;
    this.where = where;
    kind = keys == null ? Kind.list(items.kind()) : Kind.map(keys.kind(), items.kind());
  }

  /**
   * @param where the component that it is in
   */
  static Binding list(Binding items, String where) {
    return new ElementsBinding(null, items, List.of(), where);
  }

  static Binding set(Binding items, String where) {
    return new ElementsBinding(null, items, Set.of(), where);
  }

  static Binding map(Binding keys, Binding values, String where) {
    return new ElementsBinding(keys, values, Map.of(), where);
  }

  @Override
  public Kind kind() {
    return kind;
  }

  @Override
  public Object absent() {
    return empty;
  }

  @Override
  public void write(@Nullable Object value, Output out) {
    Object given = value == null ? empty : value;
    int size = keys == null ? ((Collection<?>) given).size() : ((Map<?, ?>) given).size();
    if (size > 0) {
      out.enter();
      out.writeLong(size);
      int written =
          keys == null
              ? writeItems((Collection<?>) given, out)
              : writeEntries(keys, (Map<?, ?>) given, out);
      if (written != size) {
        throw new ConcurrentModificationException(where + " changed while it was written");
      }
      out.leave();
    }
    out.writeLong(0);
  }

  private int writeItems(Collection<?> all, Output out) {
    int written = 0;
    for (Object item : all) {
      items.write(present(item, "an element"), out);
      written++;
    }
    return written;
  }

  private int writeEntries(Binding key, Map<?, ?> all, Output out) {
    int written = 0;
    for (Map.Entry<?, ?> entry : all.entrySet()) {
      key.write(present(entry.getKey(), "a key"), out);
      items.write(present(entry.getValue(), "a value"), out);
      written++;
    }
    return written;
  }

  private Object present(@Nullable Object value, String part) {
    if (value == null) {
      throw new NullPointerException(where + " has " + part + " that is null");
    }
    return value;
  }

  @Override
  public Reader reader(Kind peers, Resolver resolver, String where) throws SchemaException {
    // To Avro a map is another kind than an array of pairs, although their bytes are the same.
    if (peers.tag() != kind.tag()
        || (keys != null && peers.hasStringKeys() != kind.hasStringKeys())) {
      throw resolver.mismatch(peers, kind, where);
    }
    if (keys == null) {
      Reader item = resolver.reader(peers.part(0), items, where);
      return in -> read(item, in);
    }
    Reader key = resolver.reader(peers.part(0), keys, where);
    Reader value = resolver.reader(peers.part(1), items, where);
    return in -> read(key, value, in);
  }

  private Object read(Reader item, Input in) throws MalformedException, UndecodableException {
    int count = in.readBlock();
    if (count == 0) {
      return empty;
    }
    in.enter(0);
    boolean isList = empty instanceof List;
    Collection<@Nullable Object> read = isList ? new ArrayList<>(count) : new LinkedHashSet<>();
    for (; count > 0; count = in.readBlock()) {
      for (int i = 0; i < count; i++) {
        in.element();
        read.add(item.read(in));
      }
    }
    in.leave();
    return isList
        ? Collections.unmodifiableList((List<?>) read)
        : Collections.unmodifiableSet((Set<?>) read);
  }

  private Object read(Reader key, Reader value, Input in)
      throws MalformedException, UndecodableException {
    int count = in.readBlock();
    if (count == 0) {
      return empty;
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
