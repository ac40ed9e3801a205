package io.baton.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigOrigin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * All that is wrong with a configuration, collected so that an operator hears it at once. Each
 * complaint is one line, {@code file:line: key: found X, allowed Y}, in the order of the file.
 */
final class Complaints {

  private record Place(String file, int line) {
    @Override
    public String toString() {
      return line < 0 ? file : file + ":" + line;
    }
  }

  private record Complaint(Place place, String key, String what) {
    @Override
    public String toString() {
      return place + ": " + (key.isEmpty() ? "" : key + ": ") + what;
    }
  }

  private static final Comparator<Complaint> IN_ORDER =
      Comparator.comparing((Complaint c) -> c.place.file)
          .thenComparingInt(c -> c.place.line)
          .thenComparing(Complaint::key);

  private final String file;
  private final List<Complaint> complaints = new ArrayList<>();

  /**
   * @param file named where a complaint has no place of its own, as with a default that contradicts
   */
  Complaints(String file) {
    this.file = file;
  }

  String file() {
    return file;
  }

  void add(ConfigOrigin origin, String key, String what) {
    complaints.add(new Complaint(place(origin), key, oneLine(what)));
  }

  /** Returns file and line of a value, as complaints begin; the file alone if it has no line. */
  String where(ConfigOrigin origin) {
    return place(origin).toString();
  }

  /** About all of the configuration. */
  void add(String what) {
    complaints.add(new Complaint(new Place(file, -1), "", oneLine(what)));
  }

  /** What the library could not even parse or resolve. */
  void add(ConfigException e) {
    String message = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
    ConfigOrigin origin = e.origin();
    if (origin == null) {
      add(message);
      return;
    }
    String prefix = origin.description() + ": ";
    add(origin, "", message.startsWith(prefix) ? message.substring(prefix.length()) : message);
  }

  /** Whether this key was complained about already: comparing it with others is pointless then. */
  boolean about(String key) {
    return complaints.stream().anyMatch(c -> c.key.equals(key));
  }

  void throwIfAny() throws ConfigurationException {
    if (!complaints.isEmpty()) {
      throw new ConfigurationException(lines());
    }
  }

  private List<String> lines() {
    return complaints.stream().sorted(IN_ORDER).map(Complaint::toString).distinct().toList();
  }

  /** Whether a value stands in the file or in an override, so that an operator can go there. */
  static boolean isUsers(ConfigOrigin origin) {
    return origin.resource() == null;
  }

  private Place place(ConfigOrigin origin) {
    // A block made of several, most often of the file's and the defaults, has no one place.
    if (!isUsers(origin) || origin.description().startsWith("merge of ")) {
      return new Place(file, -1);
    }
    String name = origin.filename();
    return name != null ? new Place(name, origin.lineNumber()) : new Place(withoutLine(origin), -1);
  }

  /** The description of what is no file, e.g. {@code -Dbaton.workers}. */
  private static String withoutLine(ConfigOrigin origin) {
    String description = origin.description();
    String line = ": " + origin.lineNumber();
    return description.endsWith(line)
        ? description.substring(0, description.length() - line.length())
        : description;
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s*[\\r\\n]+\\s*", " ");
  }
}
