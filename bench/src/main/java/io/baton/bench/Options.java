package io.baton.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The options of one run: whole numbers, each with its bounds. Immutable. */
final class Options {
  /** An option that a benchmark has. */
  record Option(String name, int standard, int min, int max) {}

  /** The command line is not understood; the message says what is allowed. */
  static final class UsageException extends Exception {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
      super(message);
    }
  }

  private final Map<String, Integer> values;

  private Options(Map<String, Integer> values) {
    this.values = values;
  }

  static Options parse(List<Option> known, List<String> arguments) throws UsageException {
    Map<String, Integer> values = new LinkedHashMap<>();
    known.forEach(option -> values.put(option.name, option.standard));
    for (int i = 0; i < arguments.size(); i += 2) {
      String argument = arguments.get(i);
      Option option =
          known.stream()
              .filter(each -> argument.equals("--" + each.name))
              .findFirst()
              .orElseThrow(() -> new UsageException(argument + " is no option here"));
      if (i + 1 == arguments.size()) {
        throw new UsageException(argument + " needs a value");
      }
      values.put(option.name, value(option, arguments.get(i + 1)));
    }
    return new Options(values);
  }

  private static int value(Option option, String text) throws UsageException {
    try {
      int value = Integer.parseInt(text);
      if (option.min <= value && value <= option.max) {
        return value;
      }
    } catch (NumberFormatException _) {
      // as a number out of bounds
    }
    throw new UsageException(
        "--%s is %s; allowed: a number from %d to %d"
            .formatted(option.name, text, option.min, option.max));
  }

  int get(Option option) {
    Integer value = values.get(option.name);
    if (value == null) {
      throw new IllegalArgumentException(option + " is not one of " + values.keySet());
    }
    return value;
  }

  /** As it would be typed, with what was not. */
  @Override
  public String toString() {
    return values.entrySet().stream()
        .map(option -> " --" + option.getKey() + " " + option.getValue())
        .collect(Collectors.joining());
  }
}
