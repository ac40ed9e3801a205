package io.baton.manager.top;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One object of the status as JSON, and what is in it. What is not there is 0 or empty. */
record StatusReader(Map<String, @Nullable Object> fields) {
  private static final JsonFactory FACTORY = new JsonFactory();

  /**
   * Reads a status.
   *
   * @throws IOException if it is not a JSON object
   */
  static StatusReader of(String json) throws IOException {
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("the status is not a JSON object");
      }
      return new StatusReader(object(parser));
    }
  }

  private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      fields.put(name, value(parser, parser.nextToken()));
    }
    return fields;
  }

  private static @Nullable Object value(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> new StatusReader(object(parser));
      case START_ARRAY -> {
        List<@Nullable Object> values = new ArrayList<>();
        for (JsonToken next = parser.nextToken();
            next != JsonToken.END_ARRAY;
            next = parser.nextToken()) {
          values.add(value(parser, next));
        }
        yield values;
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_NULL -> null;
      default -> parser.getText();
    };
  }

  double number(String name) {
    return fields.get(name) instanceof Double value ? value : 0;
  }

  long whole(String name) {
    return Math.round(number(name));
  }

  String text(String name) {
    return fields.get(name) instanceof String value ? value : "";
  }

  StatusReader inner(String name) {
    return fields.get(name) instanceof StatusReader value ? value : new StatusReader(Map.of());
  }

  List<StatusReader> all(String name) {
    return fields.get(name) instanceof List<?> values
        ? values.stream()
            .filter(StatusReader.class::isInstance)
            .map(StatusReader.class::cast)
            .toList()
        : List.of();
  }
}
