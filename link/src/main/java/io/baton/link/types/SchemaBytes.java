package io.baton.link.types;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The bytes of a schema. Numbers and strings are those of Avro's binary encoding (int, string):
 *
 * <pre>
 * schema     = version (1) types definition*types kind              the last is a union: the messages
 * definition = 0 name fields (name kind)*fields                     record
 *            | 1 name constants name*constants                      enum
 * kind       = 0 boolean | 1 int | 2 long | 3 float | 4 double | 5 bytes | 6 string | 7 decimal
 *            | 8 uuid | 9 instant | 10 duration
 *            | 32 index                                             the definition, from 0
 *            | 33 kind                                              list or set of it
 *            | 34 kind kind                                         map: keys, values
 *            | 35 nullable (0, 1) members kind*members              union
 * </pre>
 *
 * <p>A schema has at most {@link Schema#MAX_BYTES} bytes, {@link Schema#MAX_TYPES} definitions,
 * {@link Schema#MAX_FIELDS} fields in a record, and {@link Schema#MAX_DEPTH} kinds in each other.
 * Names are Avro's, at most {@value #MAX_NAME} characters, and different from each other. A union
 * has one member that is no union, or several different records; only a nullable one has a member
 * that is not a record. The elements of a list have at least one byte. There is one way to write a
 * schema: other bytes are refused.
 */
final class SchemaBytes {
  static final int VERSION = 1;
  static final int MAX_NAME = 255;

  private static final int RECORD = 0;
  private static final int ENUM = 1;
  private static final int NAMED = 32;
  private static final int LIST = 33;
  private static final int MAP = 34;
  private static final int UNION = 35;

  private static final Scalar[] SCALARS = Scalar.values();
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,254}");

  /** Names that mean something else in Avro's JSON. */
  private static final Set<String> RESERVED =
      Set.of(
          "null",
          "boolean",
          "int",
          "long",
          "float",
          "double",
          "bytes",
          "string",
          "record",
          "enum",
          "array",
          "map",
          "union",
          "fixed",
          "error",
          "UUID",
          "Instant",
          "Duration");

  private final Input in;
  private final int types;
  private final List<Definition> definitions = new ArrayList<>();

  /** A schema without its bytes. */
  record Content(List<Definition> definitions, Kind.Union root) {}

  private SchemaBytes(Input in) throws MalformedException, SchemaException {
    this.in = in;
    check(in.readInt() == VERSION, "the version of a schema is %d", VERSION);
    types = count(Schema.MAX_TYPES, "types in a schema");
  }

  static Content read(byte[] bytes) throws SchemaException {
    check(
        bytes.length <= Schema.MAX_BYTES,
        "a schema has at most %d bytes, not %d",
        Schema.MAX_BYTES,
        bytes.length);
    Content content;
    try {
      Input in = new Input(bytes, 0, bytes.length);
      content = new SchemaBytes(in).readAll();
      in.finish();
    } catch (MalformedException e) {
      throw new SchemaException("not a schema: " + e.getMessage());
    }
    check(Arrays.equals(write(content), bytes), "a schema is written in the shortest form only");
    return content;
  }

  static byte[] write(Content content) {
    Output out = new Output(Integer.MAX_VALUE - 8);
    out.writeLong(VERSION);
    out.writeLong(content.definitions().size());
    for (Definition definition : content.definitions()) {
      switch (definition) {
        case Definition.Struct(String name, List<Definition.Field> fields) -> {
          head(RECORD, name, fields.size(), out);
          for (Definition.Field field : fields) {
            out.writeString(field.name());
            write(field.kind(), out);
          }
        }
        case Definition.Enumeration(String name, List<String> symbols) -> {
          head(ENUM, name, symbols.size(), out);
          symbols.forEach(out::writeString);
        }
      }
    }
    write(content.root(), out);
    return out.toByteArray();
  }

  private static void head(int tag, String name, int size, Output out) {
    out.writeLong(tag);
    out.writeString(name);
    out.writeLong(size);
  }

  @SuppressWarnings("EnumOrdinal") // a scalar's tag is its ordinal
  private static void write(Kind kind, Output out) {
    switch (kind) {
      case Scalar scalar -> out.writeLong(scalar.ordinal());
      case Kind.Named(int index) -> {
        out.writeLong(NAMED);
        out.writeLong(index);
      }
      case Kind.ListOf(Kind items) -> {
        out.writeLong(LIST);
        write(items, out);
      }
      case Kind.MapOf(Kind keys, Kind values) -> {
        out.writeLong(MAP);
        write(keys, out);
        write(values, out);
      }
      case Kind.Union(boolean nullable, List<Kind> members) -> {
        out.writeLong(UNION);
        out.writeLong(nullable ? 1 : 0);
        out.writeLong(members.size());
        members.forEach(member -> write(member, out));
      }
    }
  }

  private Content readAll() throws MalformedException, SchemaException {
    Set<String> names = new HashSet<>(RESERVED);
    for (int i = 0; i < types; i++) {
      Definition definition = definition();
      check(
          names.add(definition.name()),
          "two types are named %s, or the name is reserved",
          definition.name());
      definitions.add(definition);
    }
    Kind root = kind(0);
    check(root instanceof Kind.Union union && !union.nullable(), "messages are a union of records");
    SchemaCheck.check(definitions, root);
    return new Content(List.copyOf(definitions), (Kind.Union) root);
  }

  private Definition definition() throws MalformedException, SchemaException {
    int tag = in.readInt();
    String name = name();
    return switch (tag) {
      case RECORD -> struct(name);
      case ENUM -> enumeration(name);
      default -> throw new SchemaException("no definition begins with %d".formatted(tag));
    };
  }

  private Definition.Struct struct(String name) throws MalformedException, SchemaException {
    int count = count(Schema.MAX_FIELDS, "fields in record " + name);
    List<Definition.Field> fields = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < count; i++) {
      Definition.Field field = new Definition.Field(name(), kind(0));
      check(names.add(field.name()), "two fields of %s are named %s", name, field.name());
      fields.add(field);
    }
    return new Definition.Struct(name, List.copyOf(fields));
  }

  private Definition.Enumeration enumeration(String name)
      throws MalformedException, SchemaException {
    int count = count(Schema.MAX_BYTES, "constants in enum " + name);
    Set<String> symbols = new LinkedHashSet<>();
    for (int i = 0; i < count; i++) {
      String symbol = name();
      check(symbols.add(symbol), "two constants of %s are named %s", name, symbol);
    }
    return new Definition.Enumeration(name, List.copyOf(symbols));
  }

  private Kind kind(int depth) throws MalformedException, SchemaException {
    check(depth < Schema.MAX_DEPTH, "kinds nest too deep");
    int tag = in.readInt();
    return switch (tag) {
      case NAMED -> new Kind.Named(in.readIndex(types, "a schema"));
      case LIST -> new Kind.ListOf(kind(depth + 1));
      case MAP -> new Kind.MapOf(kind(depth + 1), kind(depth + 1));
      case UNION -> {
        boolean nullable = in.readIndex(2, "nullable") == 1;
        int count = count(Schema.MAX_TYPES, "members in a union");
        List<Kind> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          members.add(kind(depth + 1));
        }
        yield new Kind.Union(nullable, List.copyOf(members));
      }
      default -> {
        check(tag >= 0 && tag < SCALARS.length, "no kind has the tag %d", tag);
        yield SCALARS[tag];
      }
    };
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

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is not the JDK's
  static void check(boolean holds, String complaint, Object... details) throws SchemaException {
    if (!holds) {
      throw new SchemaException(complaint.formatted(details));
    }
  }
}
