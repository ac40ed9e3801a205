package io.baton.softbus.wire;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A reader and writer of the JSON objects in first packets, of which only texts and whole numbers
 * count. Other values are skipped, objects and arrays nested to {@value #MAX_DEPTH} levels. The
 * input's length is bounded by the packet.
 */
final class FlatJson {
  static final int MAX_DEPTH = 16;

  private final String text;
  private int at;

  private FlatJson(String text) {
    this.text = text;
  }

  /**
   * Reads an object.
   *
   * @return its texts as they are, and its other values as they are written; of two of the same
   *     name the first
   * @throws SoftBusException if the text is no JSON object. After the object there may be white
   *     space and zero bytes
   */
  static Map<String, String> read(String text) throws SoftBusException {
    FlatJson json = new FlatJson(text);
    Map<String, String> fields = json.object();
    while (json.at < text.length()) {
      char rest = text.charAt(json.at++);
      if (rest != 0 && !isSpace(rest)) {
        throw json.malformed();
      }
    }
    return fields;
  }

  private Map<String, String> object() throws SoftBusException {
    Map<String, String> fields = new LinkedHashMap<>();
    take('{');
    if (next() == '}') {
      at++;
      return fields;
    }
    do {
      next();
      String name = string();
      take(':');
      fields.putIfAbsent(name, next() == '"' ? string() : skip(1));
    } while (goesOn('}'));
    return fields;
  }

  /** Passes over a value that is no text, and returns it as it is written. */
  private String skip(int depth) throws SoftBusException {
    int from = at;
    switch (next()) {
      case '{', '[' -> nested(depth);
      case '"' -> string();
      default -> {
        while (at < text.length() && isWord(text.charAt(at))) {
          at++;
        }
        if (at == from) {
          throw malformed();
        }
      }
    }
    return text.substring(from, at);
  }

  private void nested(int depth) throws SoftBusException {
    if (depth > MAX_DEPTH) {
      throw new SoftBusException("the JSON is nested more than " + MAX_DEPTH + " levels deep");
    }
    boolean object = text.charAt(at++) == '{';
    char close = object ? '}' : ']';
    if (next() == close) {
      at++;
      return;
    }
    do {
      if (object) {
        next();
        string();
        take(':');
        next();
      }
      next();
      skip(depth + 1);
    } while (goesOn(close));
  }

  private boolean goesOn(char close) throws SoftBusException {
    char c = next();
    at++;
    if (c != ',' && c != close) {
      throw malformed();
    }
    return c == ',';
  }

  private void take(char wanted) throws SoftBusException {
    if (next() != wanted) {
      throw malformed();
    }
    at++;
  }

  /** Passes over white space, and returns the character behind it, which is not consumed. */
  private char next() throws SoftBusException {
    while (at < text.length() && isSpace(text.charAt(at))) {
      at++;
    }
    if (at == text.length()) {
      throw malformed();
    }
    return text.charAt(at);
  }

  private String string() throws SoftBusException {
    take('"');
    StringBuilder all = new StringBuilder();
    while (true) {
      char c = one();
      if (c == '"') {
        return all.toString();
      }
      if (c < ' ') {
        throw malformed();
      }
      all.append(c == '\\' ? escaped() : c);
    }
  }

  private char escaped() throws SoftBusException {
    char c = one();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int code = 0;
        for (int i = 0; i < 4; i++) {
          int digit = Character.digit(one(), 16);
          if (digit < 0) {
            throw malformed();
          }
          code = code * 16 + digit;
        }
        yield (char) code;
      }
      default -> throw malformed();
    };
  }

  private char one() throws SoftBusException {
    if (at == text.length()) {
      throw malformed();
    }
    return text.charAt(at++);
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  }

  private static boolean isWord(char c) {
    return (c >= '0' && c <= '9')
        || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || c == '+'
        || c == '-'
        || c == '.';
  }

  private SoftBusException malformed() {
    return new SoftBusException("no JSON object: a mistake at character " + at);
  }

  /** Appends a text in quotation marks. */
  static StringBuilder quote(StringBuilder to, String text) {
    to.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        to.append('\\').append(c);
      } else if (c < ' ') {
        to.append("\\u%04x".formatted((int) c));
      } else {
        to.append(c);
      }
    }
    return to.append('"');
  }
}
