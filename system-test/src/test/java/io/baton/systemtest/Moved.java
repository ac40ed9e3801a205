package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Command;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code bin/reload}, {@code bin/recycle} and {@code bin/scale} say when they are done.
 *
 * @param from the generation before
 * @param to the generation now
 * @param workers what became of the workers, in words
 */
record Moved(int from, int to, String workers, long migrated, long finished, long closed) {
  private static final Pattern LINE =
      Pattern.compile(
          "generation (?<from>\\d+)(?: → (?<to>\\d+))?: (?<workers>\\d+ workers? .*), "
              + "(?<migrated>[\\d,]+) connections? migrated, (?<finished>[\\d,]+) finished, "
              + "(?<closed>[\\d,]+) closed, \\d+(?:\\.\\d)? m?s");

  static Moved parse(String text) {
    String line = text.lines().findFirst().orElse("");
    Matcher matcher = LINE.matcher(line.strip());
    assertThat(matcher.matches()).as(text).isTrue();
    String to = matcher.group("to");
    return new Moved(
        Integer.parseInt(matcher.group("from")),
        Integer.parseInt(to == null ? matcher.group("from") : to),
        matcher.group("workers"),
        number(matcher.group("migrated")),
        number(matcher.group("finished")),
        number(matcher.group("closed")));
  }

  /** Of a command that succeeded. */
  static Moved of(Command.Result result) {
    assertThat(result.exit()).as("%s%s", result.out(), result.err()).isZero();
    assertThat(result.err()).isEmpty();
    return parse(result.out());
  }

  /** Has the server do one of the three, which succeeds. */
  static Moved by(TestServer server, String command, String... arguments) throws IOException {
    return of(server.ask(command, arguments));
  }

  private static long number(String text) {
    return Long.parseLong(text.replace(",", ""));
  }
}
