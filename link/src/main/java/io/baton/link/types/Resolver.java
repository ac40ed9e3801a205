package io.baton.link.types;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Brings a peer's schema and this side's types together, once for each schema: records, fields and
 * constants are matched by name, numbers widened. What contradicts each other is refused here,
 * before a message arrives; what only some messages have is left to those.
 */
final class Resolver {
  private final Schema peers;
  private final Schema own;
  private final Map<RecordBinding, RecordReader> records = new HashMap<>();

  Resolver(Schema peers, Schema own) {
    this.peers = peers;
    this.own = own;
  }

  String name(Kind named) {
    return peers.definition(named).name();
  }

  /** Returns the peer's record or enum that a definition of this side stands for. */
  Definition counterpart(Kind peer, Definition definition, Kind kind, String where)
      throws SchemaException {
    if (peer.tag() == Kind.NAMED) {
      Definition found = peers.definition(peer);
      if (found.isRecord() == definition.isRecord() && found.name().equals(definition.name())) {
        return found;
      }
    }
    throw mismatch(peer, kind, where);
  }

  Reader skip(Kind kind) {
    return new Skipper(peers, kind);
  }

  /** Returns the reader from a peer's kind, which may be any. */
  Reader reader(Kind peer, Binding to, String where) throws SchemaException {
    return peer.isUnion() && !(to instanceof UnionBinding)
        ? union(peer, to, where)
        : to.reader(peer, this, where);
  }

  /**
   * Returns the reader of a record, one for each: it may contain itself. Names are unique on both
   * sides, so that a record has one counterpart.
   */
  RecordReader record(RecordBinding to, Definition peer) throws SchemaException {
    RecordReader known = records.get(to);
    if (known != null) {
      return known;
    }
    RecordReader reader = new RecordReader(to);
    records.put(to, reader);
    reader.resolve(peer, this);
    return reader;
  }

  Reader union(Kind union, Binding to, String where) throws SchemaException {
    Reader[] branches = branches(union, to, where);
    return in -> branches[in.readIndex(branches.length, "a union")].read(in);
  }

  /** Returns the readers of a union's branches, at least one of which must have a counterpart. */
  Reader[] branches(Kind union, Binding to, String where) throws SchemaException {
    boolean any = false;
    List<Reader> branches = new ArrayList<>();
    if (union.index() == 1) {
      boolean nullIsValue = to instanceof UnionBinding own && own.isNullable();
      branches.add(nullIsValue ? in -> null : undecodable(where + " is never null here"));
    }
    for (Kind member : union.parts()) {
      Reader reader = branch(union, member, to, where);
      any |= reader != null;
      branches.add(
          reader != null
              ? reader
              : undecodable(where + " has " + peers.describe(member) + ", which is unknown here"));
    }
    if (!any) {
      throw mismatch(union, to.kind(), where);
    }
    return branches.toArray(Reader[]::new);
  }

  /** Returns the reader of a member; null if it is one of several and has no counterpart. */
  private @Nullable Reader branch(Kind union, Kind member, Binding to, String where)
      throws SchemaException {
    if (union.parts().size() > 1 && member.tag() == Kind.NAMED) {
      RecordBinding record = to.record(name(member));
      return record == null ? null : record.reader(member, this, where);
    }
    return to instanceof UnionBinding own
        ? own.member(member, this, where)
        : to.reader(member, this, where);
  }

  private static Reader undecodable(String what) {
    return in -> {
      throw in.undecodable(null, "%s", what);
    };
  }

  SchemaException mismatch(Kind peer, Kind kind, String where) {
    return new SchemaException(
        "%s is %s at the peer and %s here"
            .formatted(where, peers.describe(peer), own.describe(kind)));
  }
}
