package io.baton.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The places in the operator's files that the values of a configuration come from. With them a
 * complaint that is made later, by a worker, gets its file and line.
 */
public final class Places {
  /** Those of a configuration that comes from no file. */
  public static final Places NONE = new Places(null, new Complaints(""));

  private static final String ROOT = "baton.";
  private static final String END = ": ";

  private final @Nullable Config config;
  private final Complaints complaints;

  Places(@Nullable Config config, Complaints complaints) {
    this.config = config;
    this.complaints = complaints;
  }

  /**
   * Returns the full name of a key, in which parts are quoted where they have to be.
   *
   * @param parts below {@code baton}
   */
  public static String key(String... parts) {
    return ROOT + ConfigUtil.joinPath(parts);
  }

  /** Returns the full name of a key in a block whose full name this is. */
  public static String below(String block, String... parts) {
    return block + "." + ConfigUtil.joinPath(parts);
  }

  /**
   * Returns the complaint with file and line before it, if it begins with a key and a colon, and
   * otherwise as it is. If the key itself is not in a file, its block's line is told.
   */
  public String locate(String complaint) {
    Config all = config;
    int end = complaint.indexOf(END);
    if (all == null || end < 0 || !complaint.startsWith(ROOT)) {
      return complaint;
    }
    try {
      List<String> path = ConfigUtil.splitPath(complaint.substring(0, end));
      return Stream.iterate(path.size(), n -> n > 0, n -> n - 1)
          .map(n -> value(all, path.subList(0, n)))
          .flatMap(Stream::ofNullable)
          .filter(value -> Complaints.isUsers(value.origin()))
          .findFirst()
          .map(value -> complaints.where(value.origin()) + END + complaint)
          .orElse(complaint);
    } catch (ConfigException _) {
      return complaint; // It begins with what is no key.
    }
  }

  private static @Nullable ConfigValue value(Config config, List<String> path) {
    ConfigValue value = config.root();
    for (String part : path) {
      value = value instanceof ConfigObject block ? block.get(part) : null;
    }
    return value;
  }
}
