package io.baton.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a value of the library's is: as a text, in a complaint, in plain Java. */
final class Values {

  private Values() {}

  /**
   * The value as text, null if it is no scalar. Not as it was written: what is concluded from a
   * configuration must read the same, and {@code 0660} is 660 there.
   */
  static @Nullable String text(ConfigValue value) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> String.valueOf(value.unwrapped());
      case NULL, LIST, OBJECT -> null;
    };
  }

  /** What a complaint says was found; a list or block would be too long to show. */
  static String found(@Nullable ConfigValue value) {
    if (value == null) {
      return "nothing";
    }
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN, NULL -> value.render(ConfigRenderOptions.concise());
      case LIST -> "a list";
      case OBJECT -> ((ConfigObject) value).isEmpty() ? "an empty block" : "a block";
    };
  }

  /**
   * Free-form HOCON as immutable Java values: Map, List, String, Boolean, Integer, Long, Double. A
   * null, which is how HOCON unsets a key, is left out.
   */
  static Map<String, Object> plain(ConfigObject object) {
    return object.entrySet().stream()
        .filter(entry -> isSet(entry.getValue()))
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> plain(entry.getValue())));
  }

  private static Object plain(ConfigValue value) {
    return switch (value) {
      case ConfigObject object -> plain(object);
      case ConfigList list -> plain(list);
      default -> value.unwrapped();
    };
  }

  private static List<Object> plain(ConfigList list) {
    return list.stream().filter(Values::isSet).map(Values::plain).toList();
  }

  private static boolean isSet(ConfigValue value) {
    return value.valueType() != ConfigValueType.NULL;
  }

  /** Whether lists and blocks are nested in more levels than so many. */
  static boolean isDeeper(ConfigValue value, int levels) {
    Collection<ConfigValue> inside =
        switch (value) {
          case ConfigObject object -> object.values();
          case ConfigList list -> list;
          default -> List.of();
        };
    return levels == 0
        ? !inside.isEmpty()
        : inside.stream().anyMatch(each -> isDeeper(each, levels - 1));
  }
}
