package io.baton.link.types;

import org.jspecify.annotations.Nullable;

/** Steps over values of a peer that have no place on this side, at the same bounds as reading. */
final class Skipper {
  private final Schema peers;

  Skipper(Schema peers) {
    this.peers = peers;
  }

  /** Returns the reader that steps over a kind. */
  Reader of(Kind kind) {
    return in -> {
      skip(kind, in);
      return null;
    };
  }

  private void skip(Kind kind, Input in) throws MalformedException {
    switch (kind) {
      case Scalar scalar -> scalar.skip(in);
      case Kind.Named named -> skip(peers.definition(named), in);
      case Kind.ListOf list -> skipElements(null, list.items(), in);
      case Kind.MapOf map -> skipElements(map.keys(), map.values(), in);
      case Kind.Union union -> {
        int index = in.readIndex(union.branches(), "a union");
        int member = union.nullable() ? index - 1 : index;
        if (member >= 0) {
          skip(union.members().get(member), in);
        }
      }
    }
  }

  private void skip(Definition definition, Input in) throws MalformedException {
    switch (definition) {
      case Definition.Enumeration e -> in.readIndex(e.symbols().size(), e.name());
      case Definition.Struct struct -> {
        in.enter(1);
        for (Definition.Field field : struct.fields()) {
          skip(field.kind(), in);
        }
        in.leave();
      }
    }
  }

  private void skipElements(@Nullable Kind keys, Kind items, Input in) throws MalformedException {
    int n = in.readBlock();
    if (n == 0) {
      return;
    }
    in.enter(0);
    for (; n > 0; n = in.readBlock()) {
      for (int i = 0; i < n; i++) {
        in.element();
        if (keys != null) {
          skip(keys, in);
        }
        skip(items, in);
      }
    }
    in.leave();
  }
}
