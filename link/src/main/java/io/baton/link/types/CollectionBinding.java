package io.baton.link.types;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A list or set, written in one block and read from any number of them. Null is written as an empty
 * one. What is read cannot be modified and has the peer's order.
 *
 * @param where the component that it is in
 */
record CollectionBinding(boolean isSet, Binding items, String where) implements Binding {
  @Override
  public Kind.ListOf kind() {
    return new Kind.ListOf(items.kind());
  }

  @Override
  public Object absent() {
    return isSet ? Set.of() : List.of();
  }

  @Override
  public void write(@Nullable Object value, Output out) {
    Collection<?> all = value == null ? List.of() : (Collection<?>) value;
    int size = all.size();
    if (size > 0) {
      out.enter();
      out.writeLong(size);
      int written = 0;
      for (Object item : all) {
        items.write(
            Objects.requireNonNull(item, () -> where + " has an element that is null"), out);
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
    if (!(peers instanceof Kind.ListOf list)) {
      throw resolver.mismatch(peers, kind(), where);
    }
    Reader item = resolver.reader(list.items(), items, where);
    return in -> read(item, in);
  }

  private Object read(Reader item, Input in) throws MalformedException, UndecodableException {
    int count = in.readBlock();
    if (count == 0) {
      return absent();
    }
    in.enter(0);
    Collection<@Nullable Object> read = isSet ? new LinkedHashSet<>() : new ArrayList<>(count);
    for (; count > 0; count = in.readBlock()) {
      for (int i = 0; i < count; i++) {
        in.element();
        read.add(item.read(in));
      }
    }
    in.leave();
    return read instanceof List<?> list
        ? Collections.unmodifiableList(list)
        : Collections.unmodifiableSet((Set<?>) read);
  }
}
