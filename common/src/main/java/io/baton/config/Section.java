package io.baton.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One block of the configuration, read key by key. An accessor never throws: it complains and
 * returns some value that the end of the reading, which is a refusal then, makes irrelevant. What
 * is asked for is what is known: {@link #end} complains about the rest.
 *
 * <p>A value may be written as a text wherever it is a number or a word, as HOCON has it; overrides
 * are always texts.
 */
final class Section {
  private static final String BLOCK = "a block { ... }";

  private final ConfigObject object;
  private final String path;
  private final Complaints complaints;
  private final TreeSet<String> known = new TreeSet<>();

  private Section(ConfigObject object, String path, Complaints complaints) {
    this.object = object;
    this.path = path;
    this.complaints = complaints;
  }

  static Section root(ConfigObject object, Complaints complaints) {
    return new Section(object, "", complaints);
  }

  boolean has(String key) {
    known.add(key);
    return object.containsKey(key);
  }

  int integer(String key, int min, int max) {
    return (int) number(key, min + " to " + max, min, max, Long::parseLong);
  }

  /** An integer, or one of the words that stand for one. */
  int integerOr(String key, Map<String, Integer> words, int min, int max) {
    return (int) numberOr(key, words, min + " to " + max, min, max, Long::parseLong);
  }

  /** A size with or without a unit, in bytes. */
  int bytes(String key, int min, int max) {
    return (int) number(key, Units.sizes(min, max), min, max, Units::parseBytes);
  }

  /** A size, or one of the words that stand for one, in bytes. */
  long bytesOr(String key, Map<String, ? extends Number> words, long min, long max) {
    return numberOr(key, words, Units.sizes(min, max), min, max, Units::parseBytes);
  }

  /** A duration; without a unit it is in milliseconds. */
  long millis(String key, long min, long max) {
    return number(key, Units.durations(min, max), min, max, Units::parseMillis);
  }

  /** A duration, or one of the words that stand for one. */
  long millisOr(String key, Map<String, ? extends Number> words, long min, long max) {
    return numberOr(key, words, Units.durations(min, max), min, max, Units::parseMillis);
  }

  boolean flag(String key) {
    return Boolean.parseBoolean(text(key, "true or false", List.of("true", "false")::contains));
  }

  /** One of the enum's constants, written in lower case with hyphens. */
  <E extends Enum<E>> E oneOf(String key, Class<E> type) {
    List<E> constants = List.of(type.getEnumConstants());
    List<String> words = constants.stream().map(Words::of).toList();
    int found = words.indexOf(oneOf(key, words));
    return constants.get(Math.max(0, found));
  }

  String oneOf(String key, List<String> words) {
    return text(key, Words.either(words), words::contains);
  }

  /** A text that is not blank and has no control characters. */
  String text(String key) {
    return text(
        key,
        "a text of one line that is not empty",
        text -> !text.isBlank() && text.chars().noneMatch(Character::isISOControl));
  }

  String text(String key, String allowed, Predicate<String> good) {
    return read(
        key,
        allowed,
        "",
        text -> {
          require(good.test(text));
          return text;
        });
  }

  /** A path, made absolute against a directory and free of dots. */
  Path path(String key, Path base) {
    return read(
        key,
        "a path",
        base,
        text -> {
          require(!text.isEmpty());
          return base.resolve(text).normalize();
        });
  }

  /** A value that a parser of its own reads; its exception says what is allowed. */
  <T> @Nullable T parsed(String key, String allowed, Function<String, T> parser) {
    String text = scalar(key, allowed);
    if (text == null) {
      return null;
    }
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      refuse(key, String.valueOf(e.getMessage()));
      return null;
    }
  }

  List<String> texts(String key) {
    String allowed = "a list of texts [\"...\", ...]";
    ConfigValue value = value(key);
    if (!(value instanceof ConfigList list)) {
      refuse(key, allowed);
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    for (ConfigValue element : list) {
      String text = Values.text(element);
      if (text == null) {
        complain(element.origin(), key, Values.found(element) + " in the list", allowed);
      } else {
        texts.add(text);
      }
    }
    return texts;
  }

  /** A list of values that a parser of its own reads, which throws at what is none. */
  <T> List<T> parsedAll(String key, String allowed, Function<String, T> parser) {
    List<T> all = new ArrayList<>();
    for (String text : texts(key)) {
      try {
        all.add(parser.apply(text));
      } catch (IllegalArgumentException _) {
        complain(origin(key), key, ConfigUtil.quoteString(text) + " in the list", allowed);
      }
    }
    return all;
  }

  Section section(String key) {
    ConfigValue value = value(key);
    if (value instanceof ConfigObject block) {
      return new Section(block, pathOf(key), complaints);
    }
    refuse(key, BLOCK);
    // What a block that is none lacks is nobody's news.
    ConfigObject none = ConfigValueFactory.fromMap(Map.of());
    return new Section(none, pathOf(key), new Complaints(complaints.file()));
  }

  /** A list of blocks. */
  List<Section> sections(String key) {
    String allowed = "a list of blocks [{ ... }, ...]";
    if (!(value(key) instanceof ConfigList list)) {
      refuse(key, allowed);
      return List.of();
    }
    List<Section> sections = new ArrayList<>();
    for (ConfigValue element : list) {
      if (element instanceof ConfigObject block) {
        sections.add(new Section(block, pathOf(key) + "[" + sections.size() + "]", complaints));
      } else {
        complain(element.origin(), key, Values.found(element) + " in the list", allowed);
      }
    }
    return sections;
  }

  /** Whether the key is there and is a block. */
  boolean isBlock(String key) {
    return value(key) instanceof ConfigObject;
  }

  /** The keys in here, which are the operator's, in the order of their names. */
  List<String> keys() {
    return List.copyOf(new TreeSet<>(object.keySet()));
  }

  /** The blocks in here whose names are the operator's, in the order of the names. */
  Map<String, Section> entries() {
    Map<String, Section> entries = new TreeMap<>();
    for (String key : object.keySet()) {
      entries.put(key, section(key));
    }
    return entries;
  }

  /** This block as immutable plain Java values. A null is as good as absent. */
  Map<String, Object> freeForm() {
    return Values.plain(object);
  }

  /** Refuses the value of a key. */
  void refuse(String key, String allowed) {
    complain(origin(key), key, Values.found(value(key)), allowed);
  }

  /** Refuses what the value of a key stands for, with a text that says what and what is allowed. */
  void reject(String key, String why) {
    complaints.add(origin(key), pathOf(key), why);
  }

  /** Refuses the name of a block in here. */
  void refuseName(String key, String allowed) {
    complain(origin(key), key, ConfigUtil.quoteString(key), allowed);
  }

  /**
   * Refuses a value because of others, unless one of them was refused itself. The place is that of
   * the first of all these that an operator has written, the rest being defaults.
   */
  void contradicts(String key, String allowed, String... others) {
    List<String> keys = new ArrayList<>(List.of(others));
    keys.addFirst(key);
    if (!isGood(keys.toArray(String[]::new))) {
      return;
    }
    ConfigOrigin origin = object.origin();
    for (String each : keys.reversed()) {
      ConfigValue candidate = value(each);
      if (candidate != null && Complaints.isUsers(candidate.origin())) {
        origin = candidate.origin();
      }
    }
    complain(origin, key, Values.found(value(key)), allowed);
  }

  /** Whether none of these keys was refused. */
  boolean isGood(String... keys) {
    return Arrays.stream(keys).noneMatch(key -> complaints.about(pathOf(key)));
  }

  /** All keys were asked for: complains about every other one. */
  void end() {
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      if (!known.contains(entry.getKey())) {
        String near = Words.nearest(entry.getKey(), known);
        String hint =
            near == null
                ? "allowed " + Words.either(List.copyOf(known))
                : "did you mean " + near + "?";
        complaints.add(
            entry.getValue().origin(), pathOf(entry.getKey()), "found an unknown key, " + hint);
      }
    }
  }

  private long numberOr(
      String key,
      Map<String, ? extends Number> words,
      String allowed,
      long min,
      long max,
      Function<String, Long> reader) {
    ConfigValue value = value(key);
    Number meaning = value == null ? null : words.get(String.valueOf(Values.text(value)));
    if (meaning != null) {
      return meaning.longValue();
    }
    List<String> all = new ArrayList<>(new TreeSet<>(words.keySet()));
    all.add(allowed);
    return number(key, Words.either(all), min, max, reader);
  }

  private long number(
      String key, String allowed, long min, long max, Function<String, Long> reader) {
    return read(
        key,
        allowed,
        min,
        text -> {
          long n = reader.apply(text);
          require(n >= min && n <= max);
          return n;
        });
  }

  private <T> T read(String key, String allowed, T otherwise, Function<String, T> reader) {
    String text = scalar(key, allowed);
    if (text == null) {
      return otherwise;
    }
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException | ConfigException _) {
      refuse(key, allowed);
      return otherwise;
    }
  }

  private @Nullable String scalar(String key, String allowed) {
    ConfigValue value = value(key);
    String text = value == null ? null : Values.text(value);
    if (text == null) {
      refuse(key, allowed);
    }
    return text;
  }

  private @Nullable ConfigValue value(String key) {
    known.add(key);
    return object.get(key);
  }

  /** Where a key is, or where it is missing. */
  private ConfigOrigin origin(String key) {
    ConfigValue value = value(key);
    return value == null ? object.origin() : value.origin();
  }

  private void complain(ConfigOrigin origin, String key, String found, String allowed) {
    complaints.add(origin, pathOf(key), "found " + found + ", allowed " + allowed);
  }

  private String pathOf(String key) {
    return (path.isEmpty() ? "" : path + ".") + ConfigUtil.joinPath(key);
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw new IllegalArgumentException();
    }
  }
}
