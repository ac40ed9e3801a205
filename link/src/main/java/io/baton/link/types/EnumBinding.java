package io.baton.link.types;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An enum, whose constants are found by their names.
 *
 * @param constants this side's, by name
 */
record EnumBinding(String name, Kind.Named kind, Map<String, Enum<?>> constants)
    implements Binding {
  static EnumBinding of(Class<?> type, int index) {
    Map<String, Enum<?>> constants =
        Arrays.stream(type.getEnumConstants())
            .map(constant -> (Enum<?>) constant)
            .collect(Collectors.toMap(Enum::name, Function.identity()));
    return new EnumBinding(type.getSimpleName(), new Kind.Named(index), constants);
  }

  @Override
  @SuppressWarnings("EnumOrdinal") // the schema lists the constants in this order
  public void write(@Nullable Object value, Output out) {
    out.writeLong(((Enum<?>) Objects.requireNonNull(value)).ordinal());
  }

  @Override
  public Reader reader(Kind peers, Resolver resolver, String where) throws SchemaException {
    if (!(peers instanceof Kind.Named named
        && resolver.peers().definition(named)
            instanceof Definition.Enumeration(String peersName, List<String> symbols)
        && peersName.equals(name))) {
      throw resolver.mismatch(peers, kind, where);
    }
    @Nullable Enum<?>[] own =
        symbols.stream().map(constants::get).toArray(length -> new @Nullable Enum<?>[length]);
    return in -> {
      int index = in.readIndex(own.length, name);
      Enum<?> constant = own[index];
      if (constant == null) {
        throw in.undecodable(
            "%s has no constant %s here".formatted(name, symbols.get(index)), null);
      }
      return constant;
    };
  }
}
