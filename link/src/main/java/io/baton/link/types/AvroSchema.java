package io.baton.link.types;

import java.util.HashSet;
import java.util.Set;
import java.util.StringJoiner;

/**
 * The JSON of a schema as Avro's specification has it, with the defaults that take the place of a
 * field that a peer did not send. A type is defined where it is first used. The pairs of a map
 * whose keys are not strings are records named after the field they are in.
 */
public final class AvroSchema {
  private final Schema schema;
  private final Set<String> defined = new HashSet<>();

  private AvroSchema(Schema schema) {
    this.schema = schema;
  }

  /**
   * Returns the JSON.
   *
   * @param schema as {@link Types#schema()} returns it
   * @throws SchemaException if these bytes are not a schema of the binary format
   */
  public static String of(byte[] schema) throws SchemaException {
    Schema read = SchemaReader.read(schema);
    // Names have no quotes of either kind.
    return new AvroSchema(read).json(read.root(), "").replace('\'', '"');
  }

  private String json(Kind kind, String where) {
    return switch (kind.tag()) {
      case Kind.NAMED -> json(schema.definition(kind));
      case Kind.LIST -> array(json(kind.part(0), where));
      case Kind.MAP -> {
        if (kind.hasStringKeys()) {
          yield "{'type':'map','values':" + json(kind.part(1), where) + "}";
        }
        String entry = where + "_entry";
        String key = field("k", json(kind.part(0), entry));
        yield array(record(entry, key + "," + field("v", json(kind.part(1), entry))));
      }
      case Kind.UNION -> {
        StringJoiner members = new StringJoiner(",", "[", "]");
        if (kind.index() == 1) {
          members.add("'null'");
        }
        kind.parts().forEach(member -> members.add(json(member, where)));
        yield members.toString();
      }
      default -> json(Scalar.of(kind));
    };
  }

  private String json(Scalar scalar) {
    if (scalar == Scalar.DECIMAL) {
      return "{'type':'bytes','logicalType':'big-decimal'}";
    }
    if (scalar == Scalar.UUID) {
      return define("UUID", "{'type':'fixed','name':'UUID','size':16,'logicalType':'uuid'}");
    }
    if (scalar == Scalar.INSTANT || scalar == Scalar.DURATION) {
      String name = scalar == Scalar.INSTANT ? "Instant" : "Duration";
      return define(name, record(name, field("s", "'long'") + "," + field("n", "'int'")));
    }
    return quoted(scalar.word());
  }

  private String define(String name, String json) {
    return defined.add(name) ? json : quoted(name);
  }

  private String json(Definition definition) {
    String name = definition.name();
    if (!defined.add(name)) {
      return quoted(name);
    }
    StringJoiner members = new StringJoiner(",");
    for (int i = 0; i < definition.members().size(); i++) {
      String member = definition.members().get(i);
      members.add(
          definition.isRecord() ? field(name, member, definition.kinds().get(i)) : quoted(member));
    }
    return definition.isRecord()
        ? record(name, members.toString())
        : "{'type':'enum','name':'" + name + "','symbols':[" + members + "]}";
  }

  private String field(String record, String name, Kind kind) {
    String absent =
        switch (kind.tag()) {
          case 0 -> "false"; // boolean
          case 1, 2 -> "0"; // int, long
          case 3, 4 -> "0.0"; // float, double
          case Kind.LIST -> "[]";
          case Kind.MAP -> kind.hasStringKeys() ? "{}" : "[]";
          case Kind.UNION -> kind.index() == 1 ? "null" : "";
          default -> "";
        };
    String type = json(kind, record + "_" + name);
    return field(name, absent.isEmpty() ? type : type + ",'default':" + absent);
  }

  private static String field(String name, String type) {
    return "{'name':'" + name + "','type':" + type + "}";
  }

  private static String record(String name, String fields) {
    return "{'type':'record','name':'" + name + "','fields':[" + fields + "]}";
  }

  private static String array(String items) {
    return "{'type':'array','items':" + items + "}";
  }

  private static String quoted(String name) {
    return "'" + name + "'";
  }
}
