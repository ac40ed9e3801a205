package io.baton.log;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/**
 * A log message on one line: what a client or a service put into it cannot look like another line,
 * or steer the terminal that shows it. Control characters are written as in Java ({@code \n},
 * {@code \u001b}). In a logback pattern, in place of {@code %msg}.
 */
public final class OneLine extends MessageConverter {

  @Override
  public String convert(ILoggingEvent event) {
    return escaped(super.convert(event));
  }

  /** Returns the text itself if nothing in it has to be written differently. */
  public static String escaped(String text) {
    int at = 0;
    while (at < text.length() && !isControl(text.charAt(at))) {
      at++;
    }
    if (at == text.length()) {
      return text;
    }
    StringBuilder line = new StringBuilder(text.length() + 16).append(text, 0, at);
    for (; at < text.length(); at++) {
      append(line, text.charAt(at));
    }
    return line.toString();
  }

  private static void append(StringBuilder line, char c) {
    switch (c) {
      case '\n' -> line.append("\\n");
      case '\r' -> line.append("\\r");
      default -> {
        if (isControl(c)) {
          line.append("\\u%04x".formatted((int) c));
        } else {
          line.append(c);
        }
      }
    }
  }

  /** Also those that Unicode knows for the ends of lines and paragraphs. */
  private static boolean isControl(char c) {
    return (Character.isISOControl(c) && c != '\t') || c == '\u2028' || c == '\u2029';
  }
}
