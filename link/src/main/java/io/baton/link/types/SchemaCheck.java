package io.baton.link.types;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * The rules for a schema's kinds that need all definitions: unions are those of {@link
 * SchemaBytes}, and the elements of lists take bytes, so that their number has a bound.
 */
final class SchemaCheck {
  private final List<Definition> definitions;
  private final Map<Kind, Boolean> empty = new HashMap<>();

  private SchemaCheck(List<Definition> definitions) {
    this.definitions = definitions;
  }

  static void check(List<Definition> definitions, Kind root) throws SchemaException {
    SchemaCheck all = new SchemaCheck(definitions);
    all.kind(root, "the messages");
    for (Definition definition : definitions) {
      if (definition instanceof Definition.Struct(String name, List<Definition.Field> fields)) {
        for (Definition.Field field : fields) {
          all.kind(field.kind(), name + "." + field.name());
        }
      }
    }
  }

  private void kind(Kind kind, String where) throws SchemaException {
    switch (kind) {
      case Scalar scalar -> {}
      case Kind.Named named -> {}
      case Kind.ListOf(Kind items) -> {
        SchemaBytes.check(!empty(items), "%s is a list of records without a byte", where);
        kind(items, where);
      }
      case Kind.MapOf(Kind keys, Kind values) -> {
        SchemaBytes.check(!empty(keys), "%s is a map whose keys have no byte", where);
        kind(keys, where);
        kind(values, where);
      }
      case Kind.Union union -> {
        SchemaBytes.check(
            isUnion(union), "%s is not a union of one kind and null, or of records", where);
        for (Kind member : union.members()) {
          kind(member, where);
        }
      }
    }
  }

  private boolean isUnion(Kind.Union union) {
    List<Kind> members = union.members();
    if (members.size() == 1 && union.nullable()) {
      return !(members.get(0) instanceof Kind.Union);
    }
    return !members.isEmpty()
        && members.stream().allMatch(this::isStruct)
        && new HashSet<>(members).size() == members.size();
  }

  private boolean isStruct(Kind kind) {
    return kind instanceof Kind.Named(int index)
        && definitions.get(index) instanceof Definition.Struct;
  }

  /** Tells whether values have no byte. A record that contains itself has no value at all. */
  private boolean empty(Kind kind) {
    if (!(kind instanceof Kind.Named named
        && definitions.get(named.index()) instanceof Definition.Struct struct)) {
      return false;
    }
    Boolean known = empty.putIfAbsent(named, false);
    if (known == null) {
      empty.put(named, struct.fields().stream().allMatch(field -> empty(field.kind())));
    }
    return empty.getOrDefault(named, false);
  }
}
