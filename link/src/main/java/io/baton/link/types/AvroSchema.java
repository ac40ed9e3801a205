package io.baton.link.types;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The JSON of a schema as Avro's specification has it, with the defaults that take the place of a
 * field that a peer did not send. A type is defined where it is first used. The pairs of a map
 * whose keys are not strings are records named after the field they are in.
 */
final class AvroSchema {
  private static final String TIME =
      """
      {"type":"record","name":"%s","fields":[{"name":"s","type":"long"},{"name":"n","type":"int"}]}\
      """;

  private final Schema schema;
  private final Set<String> defined = new HashSet<>();

  AvroSchema(Schema schema) {
    this.schema = schema;
  }

  @Override
  public String toString() {
    defined.clear();
    return json(schema.root(), "");
  }

  private String json(Kind kind, String where) {
    return switch (kind) {
      case Scalar scalar -> json(scalar);
      case Kind.Named named -> json(schema.definition(named));
      case Kind.ListOf(Kind items) ->
          "{\"type\":\"array\",\"items\":%s}".formatted(json(items, where));
      case Kind.MapOf(Kind keys, Kind values) -> {
        if (keys == Scalar.STRING) {
          yield "{\"type\":\"map\",\"values\":%s}".formatted(json(values, where));
        }
        String entry = where + "_entry";
        yield "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"%s\",\"fields\":[%s,%s]}}"
            .formatted(entry, field("k", json(keys, entry)), field("v", json(values, entry)));
      }
      case Kind.Union(boolean nullable, List<Kind> members) ->
          Stream.concat(
                  nullable ? Stream.of("\"null\"") : Stream.empty(),
                  members.stream().map(member -> json(member, where)))
              .collect(Collectors.joining(",", "[", "]"));
    };
  }

  private String json(Scalar scalar) {
    return switch (scalar) {
      case BOOLEAN, INT, LONG, FLOAT, DOUBLE, BYTES, STRING -> '"' + scalar.word() + '"';
      case DECIMAL -> "{\"type\":\"bytes\",\"logicalType\":\"big-decimal\"}";
      case UUID ->
          define(
              "UUID",
              "{\"type\":\"fixed\",\"name\":\"UUID\",\"size\":16,\"logicalType\":\"uuid\"}");
      case INSTANT -> define("Instant", TIME.formatted("Instant"));
      case DURATION -> define("Duration", TIME.formatted("Duration"));
    };
  }

  private String define(String name, String json) {
    return defined.add(name) ? json : '"' + name + '"';
  }

  private String json(Definition definition) {
    if (!defined.add(definition.name())) {
      return '"' + definition.name() + '"';
    }
    return switch (definition) {
      case Definition.Enumeration(String name, List<String> symbols) ->
          "{\"type\":\"enum\",\"name\":\"%s\",\"symbols\":[%s]}"
              .formatted(
                  name, symbols.stream().map(s -> '"' + s + '"').collect(Collectors.joining(",")));
      case Definition.Struct(String name, List<Definition.Field> fields) ->
          "{\"type\":\"record\",\"name\":\"%s\",\"fields\":[%s]}"
              .formatted(
                  name,
                  IntStream.range(0, fields.size())
                      .mapToObj(i -> field(name, fields.get(i)))
                      .collect(Collectors.joining(",")));
    };
  }

  private String field(String record, Definition.Field field) {
    String type = json(field.kind(), record + "_" + field.name());
    String absent =
        switch (field.kind()) {
          case Scalar scalar ->
              switch (scalar) {
                case BOOLEAN -> "false";
                case INT, LONG -> "0";
                case FLOAT, DOUBLE -> "0.0";
                default -> "";
              };
          case Kind.Named named -> "";
          case Kind.ListOf list -> "[]";
          case Kind.MapOf map -> map.keys() == Scalar.STRING ? "{}" : "[]";
          case Kind.Union union -> union.nullable() ? "null" : "";
        };
    return field(field.name(), absent.isEmpty() ? type : type + ",\"default\":" + absent);
  }

  private static String field(String name, String type) {
    return "{\"name\":\"%s\",\"type\":%s}".formatted(name, type);
  }
}
