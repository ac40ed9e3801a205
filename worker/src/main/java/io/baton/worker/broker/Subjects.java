package io.baton.worker.broker;

import java.nio.charset.StandardCharsets;

/**
 * The subjects of a cluster at its broker:
 *
 * <pre>
 *   NAME.hello                          each worker, each second
 *   NAME.t.MODULE.PART.PART…            a topic MODULE, PART/PART…
 *   NAME.w.MACHINE.WORKER               messages to one worker, both numbers hexadecimal
 * </pre>
 *
 * <p>Each part is written as in a URL: letters, digits, {@code -} and {@code _} as they are, all
 * other bytes of UTF-8 as {@code %} and two digits; an empty part is {@code %}.
 *
 * @param name of the cluster
 */
record Subjects(String name) {
  private static final String DIGITS = "0123456789ABCDEF";

  /** Behind the module in a topic's name in the worker. */
  private static final char END_OF_MODULE = '\0';

  String hello() {
    return name + ".hello";
  }

  /** Returns that of one worker. */
  String worker(long machine, long worker) {
    return "%s.w.%x.%x".formatted(name, machine, worker);
  }

  /** Returns that of a topic. */
  String topic(String topic) {
    StringBuilder to = new StringBuilder(name.length() + topic.length() + 16).append(name);
    to.append(".t.");
    int from = 0;
    for (int i = 0; i <= topic.length(); i++) {
      boolean isEnd = i == topic.length();
      if (isEnd || topic.charAt(i) == '/' || topic.charAt(i) == END_OF_MODULE) {
        part(topic.substring(from, i), to);
        if (!isEnd) {
          to.append('.');
        }
        from = i + 1;
      }
    }
    return to.toString();
  }

  private static void part(String part, StringBuilder to) {
    if (part.isEmpty()) {
      to.append('%');
      return;
    }
    for (byte each : part.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (each & 0xff);
      if (isPlain(c)) {
        to.append(c);
      } else {
        to.append('%').append(DIGITS.charAt(c >> 4)).append(DIGITS.charAt(c & 0xf));
      }
    }
  }

  private static boolean isPlain(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }
}
