package io.baton.bench;

import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code wrk --latency} said, with the help of {@code peers/wrk.lua}.
 *
 * @param requests answered, all of them
 * @param failed answers with another status than 2xx or 3xx, and all its socket errors
 */
record Wrk(
    long requests,
    double perSecond,
    double p50Millis,
    double p99Millis,
    double p999Millis,
    double maxMillis,
    long failed) {

  private static final String TIME = "([0-9.]+)(us|ms|s|m)";
  private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ");
  private static final Pattern PER_SECOND = Pattern.compile("Requests/sec: +([0-9.]+)");
  private static final Pattern P50 = Pattern.compile(" 50% +" + TIME);
  private static final Pattern P99 = Pattern.compile(" 99% +" + TIME);
  private static final Pattern P999 = Pattern.compile("99\\.9% +" + TIME);
  private static final Pattern MAX = Pattern.compile("Latency +\\S+ +\\S+ +" + TIME);
  private static final Pattern SOCKET_ERRORS =
      Pattern.compile("Socket errors: connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)");
  private static final Pattern OTHER_STATUS = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");

  /** Throws if it is not installed. */
  static void need() throws InterruptedException {
    try {
      Command.run(List.of("wrk", "--version"), Duration.ofSeconds(10));
    } catch (IOException e) {
      throw new BenchException("needs wrk, which is not installed: " + e.getMessage(), e);
    }
  }

  /** The command line for one thread of it. */
  static List<String> command(
      Path bench, int connections, int seconds, String uri, String... headers) {
    List<String> command = new ArrayList<>(List.of("wrk", "--latency", "-t1", "-c" + connections));
    command.add("-d" + seconds + "s");
    command.add("-s" + bench.resolve("peers/wrk.lua"));
    for (String header : headers) {
      command.add("-H" + header);
    }
    command.add(uri);
    return command;
  }

  /**
   * The same for a server that encrypts: with TLS 1.3, one cipher suite and one key exchange, which
   * every server has.
   */
  static List<String> encrypted(
      Path bench, int connections, int seconds, String uri, String... headers) {
    List<String> command = new ArrayList<>();
    command.add("env");
    command.add("OPENSSL_CONF=" + bench.resolve("peers/openssl.cnf"));
    command.addAll(command(bench, connections, seconds, uri, headers));
    return command;
  }

  /** Throws if it is not what wrk says. */
  static Wrk parse(String text) {
    return new Wrk(
        Long.parseLong(find(REQUESTS, text).group(1)),
        Double.parseDouble(find(PER_SECOND, text).group(1)),
        millis(find(P50, text)),
        millis(find(P99, text)),
        millis(find(P999, text)),
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
