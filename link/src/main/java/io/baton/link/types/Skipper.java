package io.baton.link.types;

import org.jspecify.annotations.Nullable;

/** Steps over values of a peer that have no place on this side, at the same bounds as reading. */
final class Skipper implements Reader {
  private final Schema peers;
  private final Kind kind;

  Skipper(Schema peers, Kind kind) {
    this.peers = peers;
    this.kind = kind;
  }

  @Override
  public @Nullable Object read(Input in) throws MalformedException {
    skip(kind, in);
    return null;
  }

  private void skip(Kind kind, Input in) throws MalformedException {
    switch (kind.tag()) {
      case Kind.NAMED -> skip(peers.definition(kind), in);
      case Kind.LIST, Kind.MAP -> skipElements(kind, in);
      case Kind.UNION -> {
        int member = in.readIndex(kind.parts().size() + kind.index(), "a union") - kind.index();
        if (member >= 0) {
          skip(kind.part(member), in);
        }
      }
      default -> Scalar.of(kind).skip(in);
    }
  }

  private void skip(Definition definition, Input in) throws MalformedException {
    if (!definition.isRecord()) {
      in.readIndex(definition.members().size(), definition.name());
      return;
    }
    in.enter(1);
    for (Kind field : definition.kinds()) {
      skip(field, in);
    }
    in.leave();
  }

  private void skipElements(Kind kind, Input in) throws MalformedException {
    int n = in.readBlock();
    if (n == 0) {
      return;
    }
    in.enter(0);
    for (; n > 0; n = in.readBlock()) {
      for (int i = 0; i < n; i++) {
        in.element();
        for (Kind part : kind.parts()) {
          skip(part, in);
        }
      }
    }
    in.leave();
  }
}
