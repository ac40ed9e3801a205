package io.baton.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/**
 * What one peer did in one stretch of a run.
 *
 * @param done exchanges that went well
 * @param failed exchanges that did not
 * @param cpu of the server, all its processes
 */
record Leg(
    long done,
    long failed,
    double seconds,
    double p50Micros,
    double p99Micros,
    double p999Micros,
    double maxMicros,
    Cpu cpu) {

  private static final Pattern LINE =
      Pattern.compile(
          "\\w+ (\\d+) failed (\\d+) seconds ([0-9.]+) p50 ([0-9.]+) p99 ([0-9.]+) p999 ([0-9.]+) max ([0-9.]+).*",
          Pattern.DOTALL);

  /** Of the line that {@code load} prints. */
  static Leg parse(String line, Cpu cpu) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      throw new BenchException("load said: " + line);
    }
    return new Leg(
        Long.parseLong(matcher.group(1)),
        Long.parseLong(matcher.group(2)),
        Double.parseDouble(matcher.group(3)),
        Double.parseDouble(matcher.group(4)),
        Double.parseDouble(matcher.group(5)),
        Double.parseDouble(matcher.group(6)),
        Double.parseDouble(matcher.group(7)),
        cpu);
  }

  static Leg of(Wrk wrk, Cpu cpu) {
    return new Leg(
        wrk.requests(),
        wrk.failed(),
        wrk.requests() / wrk.perSecond(),
        wrk.p50Millis() * 1e3,
        wrk.p99Millis() * 1e3,
        wrk.p999Millis() * 1e3,
        wrk.maxMillis() * 1e3,
        cpu);
  }

  /** Of sessions in this JVM. */
  static Leg of(long done, double seconds, Histogram nanos, Cpu cpu) {
    return new Leg(
        done,
        0,
        seconds,
        nanos.getValueAtPercentile(50) / 1e3,
        nanos.getValueAtPercentile(99) / 1e3,
        nanos.getValueAtPercentile(99.9) / 1e3,
        nanos.getMaxValue() / 1e3,
        cpu);
  }

  double perSecond() {
    return done / seconds;
  }

  /** Microseconds of an exchange. */
  double cpuEach() {
    return (double) cpu.micros() / done;
  }

  /** Exchanges for each second of the server's CPU. */
  double perCpuSecond() {
    return 1e6 / cpuEach();
  }

  /** The kernel's part of it. */
  double systemEach() {
    return (double) cpu.systemMicros() / done;
  }
}
