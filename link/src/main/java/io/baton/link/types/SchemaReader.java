package io.baton.link.types;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The reader of a schema's bytes, which checks its rules. A schema has at most {@link
 * Schema#MAX_BYTES} bytes, {@link Schema#MAX_TYPES} definitions, {@link Schema#MAX_FIELDS} fields
 * in a record, and {@link Types#MAX_DEPTH} kinds in each other. Names are Avro's, at most {@value
 * #MAX_NAME} characters, and different from each other. A union has one member that is no union, or
 * several different records; only a nullable one has a member that is not a record. The elements of
 * a list have at least one byte, so that their number has a bound. There is one way to write a
 * schema: other bytes are refused.
 */
final class SchemaReader {
  static final int MAX_NAME = 255;

  /** The first byte of the schemas of another format. */
  private static final int JSON = 'J';

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,254}");

  /** Names that mean something else in Avro's JSON. */
  private static final String RESERVED =
      "null boolean int long float double bytes string record enum array map union fixed error"
          + " UUID Instant Duration";

  private final Input in;
  private final int types;
  private final List<Definition> definitions = new ArrayList<>();
  private final Map<Kind, Boolean> empty = new HashMap<>();

  private SchemaReader(Input in) throws MalformedException, SchemaException {
    this.in = in;
    check(in.readInt() == Schema.VERSION, "the version of a schema is %d", Schema.VERSION);
    types = count(Schema.MAX_TYPES, "types in a schema");
  }

  /**
   * Reads a schema as a peer announces it.
   *
   * @throws SchemaException if these bytes are not a schema or exceed a bound
   */
  static Schema read(byte[] bytes) throws SchemaException {
    check(
        bytes.length == 0 || bytes[0] != JSON,
        "the types are JSON at the peer and in the binary format (Types.of) here");
    check(
        bytes.length <= Schema.MAX_BYTES,
        "a schema has at most %d bytes, not %d",
        Schema.MAX_BYTES,
        bytes.length);
    Schema schema;
    try {
      Input in = new Input(bytes, 0, bytes.length);
      schema = new SchemaReader(in).readAll();
      in.finish();
    } catch (MalformedException e) {
      throw new SchemaException("not a schema: " + e.getMessage());
    }
    check(Arrays.equals(schema.bytes(), bytes), "a schema is written in the shortest form only");
    return schema;
  }

  private Schema readAll() throws MalformedException, SchemaException {
    Set<String> names = new HashSet<>(List.of(RESERVED.split(" ")));
    for (int i = 0; i < types; i++) {
      Definition definition = definition();
      check(
          names.add(definition.name()),
          "two types are named %s, or the name is reserved",
          definition.name());
      definitions.add(definition);
    }
    Schema schema = new Schema(List.copyOf(definitions), kind(0));
    check(schema.root().isUnion() && schema.root().index() == 0, "messages are a union of records");
    check(schema, schema.root(), "the messages");
    for (Definition definition : definitions) {
      for (int i = 0; i < definition.kinds().size(); i++) {
        String where = definition.name() + "." + definition.members().get(i);
        check(schema, definition.kinds().get(i), where);
      }
    }
    return schema;
  }

  private Definition definition() throws MalformedException, SchemaException {
    int tag = in.readInt();
    String name = name();
    check(tag == 0 || tag == 1, "no definition begins with %d", tag);
    boolean isRecord = tag == 0;
    int count =
        isRecord
            ? count(Schema.MAX_FIELDS, "fields in record " + name)
            : count(Schema.MAX_BYTES, "constants in enum " + name);
    List<String> members = new ArrayList<>();
    List<Kind> kinds = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < count; i++) {
      String member = name();
      if (isRecord) {
        kinds.add(kind(0));
      }
      check(
          names.add(member),
          "two %s of %s are named %s",
          isRecord ? "fields" : "constants",
          name,
          member);
      members.add(member);
    }
    return new Definition(isRecord, name, List.copyOf(members), List.copyOf(kinds));
  }

  private Kind kind(int depth) throws MalformedException, SchemaException {
    check(depth < Types.MAX_DEPTH, "kinds nest too deep");
    int tag = in.readInt();
    int index = 0;
    int parts = 0;
    switch (tag) {
      case Kind.NAMED -> index = in.readIndex(types, "a schema");
      case Kind.LIST -> parts = 1;
      case Kind.MAP -> parts = 2;
      case Kind.UNION -> {
        index = in.readIndex(2, "nullable");
        parts = count(Schema.MAX_TYPES, "members in a union");
      }
      default -> check(tag >= 0 && tag < Scalar.COUNT, "no kind has the tag %d", tag);
    }
    List<Kind> all = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      all.add(kind(depth + 1));
    }
    return new Kind(tag, index, List.copyOf(all));
  }

  private int count(int max, String of) throws MalformedException, SchemaException {
    int count = in.readInt();
    check(count >= 0 && count <= max, "at most %d %s, not %d", max, of, count);
    return count;
  }

  private String name() throws MalformedException, SchemaException {
    String name = in.readString();
    check(
        NAME.matcher(name).matches(),
        "a name has 1 to %d letters, digits and _, and does not begin with a digit: %s",
        MAX_NAME,
        printable(name));
    return name;
  }

  /** Returns the beginning of a peer's text without what a terminal or a log would interpret. */
  private static String printable(String text) {
    return text.substring(0, Math.min(text.length(), 40)).replaceAll("[^\\x20-\\x7e]", "?");
  }

  /** Checks the rules that need all definitions. */
  private void check(Schema schema, Kind kind, String where) throws SchemaException {
    switch (kind.tag()) {
      case Kind.LIST ->
          check(!empty(schema, kind.part(0)), "%s is a list of records without a byte", where);
      case Kind.MAP ->
          check(!empty(schema, kind.part(0)), "%s is a map whose keys have no byte", where);
      case Kind.UNION ->
          check(
              isUnion(schema, kind),
              "%s is not a union of one kind and null, or of records",
              where);
      default -> {}
    }
    for (Kind part : kind.parts()) {
      check(schema, part, where);
    }
  }

  private static boolean isUnion(Schema schema, Kind union) {
    List<Kind> members = union.parts();
    if (members.size() == 1 && union.index() == 1) {
      return !members.get(0).isUnion();
    }
    return !members.isEmpty()
        && members.stream().allMatch(schema::isRecord)
        && new HashSet<>(members).size() == members.size();
  }

  /** Tells whether values have no byte. A record that contains itself has no value at all. */
  private boolean empty(Schema schema, Kind kind) {
    if (!schema.isRecord(kind)) {
      return false;
    }
    Boolean known = empty.putIfAbsent(kind, false);
    if (known == null) {
      known = schema.definition(kind).kinds().stream().allMatch(field -> empty(schema, field));
      empty.put(kind, known);
    }
    return known;
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is not the JDK's
  private static void check(boolean holds, String complaint, Object... details)
      throws SchemaException {
    if (!holds) {
      throw new SchemaException(complaint.formatted(details));
    }
  }
}
