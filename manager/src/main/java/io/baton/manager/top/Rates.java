package io.baton.manager.top;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A server between two looks at its status: how it is now, and what has happened in a second.
 *
 * @param seconds between the two looks
 * @param status the later one
 */
public record Rates(
    double seconds, StatusReader status, List<WorkerRates> workers, List<ListenerRates> listeners) {

  /**
   * One worker.
   *
   * @param busy share of the time that its event loop is busy, 0 to 1
   * @param cpu seconds of processor time in a second
   */
  public record WorkerRates(
      int slot,
      long pid,
      String state,
      double busy,
      long connections,
      double messages,
      double bytesIn,
      double bytesOut,
      double cpu,
      long heap,
      long rss,
      long queue) {}

  /** One listener. */
  public record ListenerRates(
      String name, String endpoint, String state, long open, double accepted, double rejected) {}

  /**
   * Compares two looks.
   *
   * @param before null: the rates are 0
   * @throws IOException if one of them is not the status as JSON
   */
  public static Rates between(@Nullable String before, String now) throws IOException {
    StatusReader later = StatusReader.of(now);
    StatusReader earlier = before == null ? later : StatusReader.of(before);
    double seconds = later.number("uptimeSeconds") - earlier.number("uptimeSeconds");
    Map<String, StatusReader> former = new HashMap<>();
    earlier.all("workers").forEach(each -> former.put("pid " + each.whole("pid"), each));
    earlier.all("listeners").forEach(each -> former.put(each.text("name"), each));
    List<WorkerRates> workers = new ArrayList<>();
    for (StatusReader each : later.all("workers")) {
      workers.add(worker(each, former.getOrDefault("pid " + each.whole("pid"), each), seconds));
    }
    List<ListenerRates> listeners = new ArrayList<>();
    for (StatusReader each : later.all("listeners")) {
      listeners.add(listener(each, former.getOrDefault(each.text("name"), each), seconds));
    }
    return new Rates(seconds, later, workers, listeners);
  }

  private static WorkerRates worker(StatusReader now, StatusReader before, double seconds) {
    return new WorkerRates(
        (int) now.whole("slot"),
        now.whole("pid"),
        now.text("state"),
        now.number("loopBusy"),
        now.whole("connections"),
        rate(now, before, seconds, "messagesIn", "messagesOut"),
        rate(now, before, seconds, "bytesIn"),
        rate(now, before, seconds, "bytesOut"),
        rate(now, before, seconds, "cpuSeconds"),
        now.whole("heapUsedBytes"),
        now.whole("rssBytes"),
        now.whole("queueDepth"));
  }

  private static ListenerRates listener(StatusReader now, StatusReader before, double seconds) {
    return new ListenerRates(
        now.text("name"),
        now.text("endpoint"),
        now.text("state"),
        now.whole("open"),
        rate(now, before, seconds, "accepted"),
        rate(now, before, seconds, "refused", "limited", "denied"));
  }

  private static double rate(
      StatusReader now, StatusReader before, double seconds, String... names) {
    double sum = 0;
    for (String name : names) {
      sum += now.number(name) - before.number(name);
    }
    return seconds <= 0 ? 0 : Math.max(0, sum / seconds);
  }
}
