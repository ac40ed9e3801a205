package io.baton.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code wrk --latency} said.
 *
 * @param requests answered, all of them
 * @param failed answers with another status than 2xx or 3xx, and all its socket errors
 */
record Wrk(
    long requests,
    double perSecond,
    double p50Millis,
    double p99Millis,
    double maxMillis,
    long failed) {

  private static final String TIME = "([0-9.]+)(us|ms|s|m)";
  private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ");
  private static final Pattern PER_SECOND = Pattern.compile("Requests/sec: +([0-9.]+)");
  private static final Pattern P50 = Pattern.compile(" 50% +" + TIME);
  private static final Pattern P99 = Pattern.compile(" 99% +" + TIME);
  private static final Pattern MAX = Pattern.compile("Latency +\\S+ +\\S+ +" + TIME);
  private static final Pattern SOCKET_ERRORS =
      Pattern.compile("Socket errors: connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)");
  private static final Pattern OTHER_STATUS = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");

  /** Throws if it is not what wrk says. */
  static Wrk parse(String text) {
    return new Wrk(
        Long.parseLong(find(REQUESTS, text).group(1)),
        Double.parseDouble(find(PER_SECOND, text).group(1)),
        millis(find(P50, text)),
        millis(find(P99, text)),
        millis(find(MAX, text)),
        sum(SOCKET_ERRORS, text) + sum(OTHER_STATUS, text));
  }

  private static Matcher find(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new BenchException("wrk did not say \"" + pattern + "\" but:\n" + text);
    }
    return matcher;
  }

  private static double millis(Matcher time) {
    double value = Double.parseDouble(time.group(1));
    return switch (time.group(2)) {
      case "us" -> value / 1e3;
      case "ms" -> value;
      case "s" -> value * 1e3;
      default -> value * 60e3;
    };
  }

  /** The sum of the numbers in a line that is only there if one of them is not 0. */
  private static long sum(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    long sum = 0;
    if (matcher.find()) {
      for (int i = 1; i <= matcher.groupCount(); i++) {
        sum += Long.parseLong(matcher.group(i));
      }
    }
    return sum;
  }
}
