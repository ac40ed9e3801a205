package io.baton.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Free-form HOCON as immutable Java values: Map, List, String, Boolean, Integer, Long, Double. A
 * null, which is how HOCON unsets a key, is left out.
 */
final class PlainValues {

  private PlainValues() {}

  static Map<String, Object> of(ConfigObject object) {
    return object.entrySet().stream()
        .filter(entry -> isSet(entry.getValue()))
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> plain(entry.getValue())));
  }

  private static Object plain(ConfigValue value) {
    return switch (value) {
      case ConfigObject object -> of(object);
      case ConfigList list -> listOf(list);
      default -> value.unwrapped();
    };
  }

  private static List<Object> listOf(ConfigList list) {
    return list.stream().filter(PlainValues::isSet).map(PlainValues::plain).toList();
  }

  private static boolean isSet(ConfigValue value) {
    return value.valueType() != ConfigValueType.NULL;
  }
}
