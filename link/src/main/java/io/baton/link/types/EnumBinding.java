package io.baton.link.types;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An enum, whose constants are found by their names. */
final class EnumBinding implements Binding {
  private final Definition definition;
  private final Kind kind;
  private final Map<String, Enum<?>> constants = new LinkedHashMap<>();

  /**
   * @param index the place of its definition
   */
  EnumBinding(Class<?> type, int index) {
    kind = Kind.named(index);
    for (Object each : type.getEnumConstants()) {
      Enum<?> constant = (Enum<?>) each;
      constants.put(constant.name(), constant);
    }
    definition =
        new Definition(false, type.getSimpleName(), List.copyOf(constants.keySet()), List.of());
  }

  Definition definition() {
    return definition;
  }

  @Override
  public Kind kind() {
    return kind;
  }

  @Override
  @SuppressWarnings("EnumOrdinal") // the schema lists the constants in this order
  public void write(@Nullable Object value, Output out) {
    out.writeLong(((Enum<?>) Objects.requireNonNull(value)).ordinal());
  }

  @Override
  public Reader reader(Kind peers, Resolver resolver, String where) throws SchemaException {
    Definition found = resolver.counterpart(peers, definition, kind, where);
    String name = found.name();
    @Nullable Enum<?>[] own = new @Nullable Enum<?>[found.members().size()];
    for (int i = 0; i < own.length; i++) {
      own[i] = constants.get(found.members().get(i));
    }
    return in -> {
      int index = in.readIndex(own.length, name);
      Enum<?> constant = own[index];
      if (constant == null) {
        throw in.undecodable(null, "%s has no constant %s here", name, found.members().get(index));
      }
      return constant;
    };
  }
}
