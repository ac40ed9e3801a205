package io.baton.link.types;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A type with null, an Optional, or a sealed interface of records. */
final class UnionBinding implements Binding {
  private final boolean nullable;
  private final boolean optional;

  /** The types beside null; several are all records. */
  private final List<? extends Binding> members;

  /** A record's place among several members. */
  private final Map<Class<?>, Integer> indexes;

  private UnionBinding(
      boolean nullable,
      boolean optional,
      List<? extends Binding> members,
      Map<Class<?>, Integer> indexes) {
    this.nullable = nullable;
    this.optional = optional;
    this.members = members;
    this.indexes = indexes;
  }

  static UnionBinding sealed(List<RecordBinding> members) {
    Map<Class<?>, Integer> indexes = new HashMap<>();
    members.forEach(member -> indexes.put(member.type(), indexes.size()));
    return new UnionBinding(false, false, members, indexes);
  }

  /** Returns a union of null and another type, which may be such a union. */
  static UnionBinding nullable(Binding binding) {
    return binding instanceof UnionBinding union
        ? new UnionBinding(true, union.optional, union.members, union.indexes)
        : new UnionBinding(true, false, List.of(binding), Map.of());
  }

  /** Returns the same with Optional.empty() in the place of null. */
  UnionBinding asOptional() {
    return new UnionBinding(nullable, true, members, indexes);
  }

  boolean isNullable() {
    return nullable;
  }

  boolean isOptional() {
    return optional;
  }

  @Override
  public Kind kind() {
    return Kind.union(nullable, members.stream().map(Binding::kind).toList());
  }

  @Override
  public @Nullable Object absent() {
    return optional ? Optional.empty() : null;
  }

  @Override
  public @Nullable RecordBinding record(String name) {
    for (Binding member : members) {
      RecordBinding record = member.record(name);
      if (record != null) {
        return record;
      }
    }
    return null;
  }

  @Override
  public void write(@Nullable Object value, Output out) {
    Object given = optional && value != null ? ((Optional<?>) value).orElse(null) : value;
    if (given == null) {
      if (!nullable) {
        throw new NullPointerException("null is not a message or element");
      }
      out.writeLong(0);
      return;
    }
    int index = indexes.isEmpty() ? 0 : index(given);
    out.writeLong(nullable ? index + 1L : index);
    members.get(index).write(given, out);
  }

  private int index(Object value) {
    Integer index = indexes.get(value.getClass());
    if (index == null) {
      throw new ClassCastException(value.getClass().getName() + " is none of the sealed records");
    }
    return index;
  }

  @Override
  public Reader reader(Kind peers, Resolver resolver, String where) throws SchemaException {
    Reader reader =
        peers.isUnion() ? resolver.union(peers, this, where) : member(peers, resolver, where);
    return optional ? in -> Optional.ofNullable(reader.read(in)) : reader;
  }

  /** Returns the reader from a peer's kind that is no union and becomes one of the members. */
  Reader member(Kind peers, Resolver resolver, String where) throws SchemaException {
    RecordBinding record = peers.tag() == Kind.NAMED ? record(resolver.name(peers)) : null;
    if (record != null) {
      return record.reader(peers, resolver, where);
    }
    if (members.size() > 1) {
      throw resolver.mismatch(peers, kind(), where);
    }
    return members.get(0).reader(peers, resolver, where);
  }
}
