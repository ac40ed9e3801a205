package io.baton.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What so many sessions of one kind cost that are only there.
 *
 * @param sessions open at the end
 * @param openedPerSecond of those that came last
 * @param cpuToOpen server CPU of each of those, in µs
 * @param answers a leg of each generator
 * @param cpuToAnswer server CPU of each answer, in µs
 * @param whole the server with them
 * @param added what of that was not there without them
 */
record Cost(
    Idle idle,
    int sessions,
    double openedPerSecond,
    double cpuToOpen,
    List<Leg> answers,
    double cpuToAnswer,
    Memory whole,
    Memory added) {

  double answersPerSecond() {
    return sessions / answers.stream().mapToDouble(Leg::seconds).sum();
  }

  double heapEach() {
    return (double) added.heap() / sessions;
  }

  double rssEach() {
    return (double) added.rss() / sessions;
  }

  double machineEach() {
    return (double) added.machine() / sessions;
  }

  /** Of one kind, by their number: what one takes, and what it takes to open it. */
  static List<LineChart> charts(List<Cost> costs) {
    List<Integer> sessions = costs.stream().map(Cost::sessions).toList();
    return List.of(
        new LineChart("Bytes of a session", "sessions", sessions)
            .line("heap", each(costs, Cost::heapEach))
            .line("RSS", each(costs, Cost::rssEach))
            .line("machine", each(costs, Cost::machineEach)),
        new LineChart("Server CPU to open a session, µs", "sessions", sessions)
            .line("CPU", each(costs, Cost::cpuToOpen)));
  }

  private static List<Double> each(List<Cost> costs, ToDoubleFunction<Cost> value) {
    return costs.stream().map(value::applyAsDouble).toList();
  }

  static Table table(List<Cost> costs) {
    Table table =
        new Table(
            "",
            "sessions",
            "opened/s",
            "CPU µs to open",
            "answers/s",
            "CPU µs to answer",
            "p50 µs",
            "p99 µs",
            "heap, bytes each",
            "RSS, bytes each",
            "machine, bytes each");
    for (Cost cost : costs) {
      table.row(
          cost.idle.text(),
          Table.number(cost.sessions),
          Table.number(cost.openedPerSecond),
          Table.tenths(cost.cpuToOpen),
          Table.number(cost.answersPerSecond()),
          Table.tenths(cost.cpuToAnswer),
          Table.number(Spread.of(cost.answers, Leg::p50Micros).median()),
          Table.number(Spread.of(cost.answers, Leg::p99Micros).greatest()),
          Table.number(cost.heapEach()),
          Table.number(cost.rssEach()),
          Table.number(cost.machineEach()));
    }
    return table;
  }
}
