package io.baton.worker;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** This worker cannot come up; the message says what was being done and what is wrong. */
final class BootException extends Exception {
  private static final long serialVersionUID = 1;

  /** What is said of several mistakes; empty if it is about one. */
  private final transient List<String> several;

  BootException(String message) {
    this(message, (Throwable) null);
  }

  BootException(String doing, @Nullable Throwable cause) {
    super(doing, cause);
    several = List.of();
  }

  private BootException(List<String> several) {
    super(String.join("; ", several));
    this.several = several;
  }

  /** Throws one that says all that these say, if there are any. */
  static void throwIfAny(List<BootException> mistakes) throws BootException {
    if (mistakes.size() == 1) {
      throw mistakes.getFirst();
    }
    if (!mistakes.isEmpty()) {
      throw new BootException(
          mistakes.stream().flatMap(each -> each.lines().stream()).distinct().toList());
    }
  }

  /** What an operator reads: a line for each mistake, with its cause. */
  List<String> lines() {
    if (!several.isEmpty()) {
      return several;
    }
    String line = String.valueOf(getMessage());
    Throwable cause = getCause();
    if (cause != null) {
      line += ": " + cause.getClass().getName() + ": " + cause.getMessage();
    }
    return List.of(line.lines().map(String::strip).collect(Collectors.joining("; ")));
  }

  /** The same in one line. */
  String line() {
    return String.join("; ", lines());
  }
}
