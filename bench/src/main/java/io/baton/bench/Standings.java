package io.baton.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How the peers did in one workload, a leg each round. Ratios to the workload's reference are made
 * within a round, because the next one meets the machine in another mood.
 */
final class Standings {
  private final Workload workload;
  private final Map<String, List<Leg>> legs = new LinkedHashMap<>();

  Standings(Workload workload) {
    this.workload = workload;
  }

  void add(String peer, Leg leg) {
    legs.computeIfAbsent(peer, _ -> new ArrayList<>()).add(leg);
  }

  /** Exchanges that did not go well. */
  long failed() {
    return legs.values().stream().flatMap(List::stream).mapToLong(Leg::failed).sum();
  }

  /** Two tables, because one would be too wide to read, and what is hoped for. */
  String markdown() {
    StringBuilder text = new StringBuilder("\n### ").append(workload.text()).append("\n\n");
    text.append(rateAndCpu().markdown()).append('\n');
    text.append(latency().markdown()).append('\n');
    for (Workload.Target target : workload.targets()) {
      if (legs.containsKey(target.reference())) {
        text.append("- ").append(judged(target)).append('\n');
      }
    }
    workload
        .alsoBeside()
        .filter(legs::containsKey)
        .ifPresent(
            other -> text.append("- CPU ÷ %s: %s%n".formatted(other, baton(other, Leg::cpuEach))));
    return text.toString();
  }

  private Table rateAndCpu() {
    String ratio = "÷ " + workload.reference();
    Table table =
        new Table("rate and CPU", "per second", ratio, "server CPU µs", "the kernel's", ratio);
    legs.forEach((peer, mine) ->
        table.row(
            peer,
            number(mine, Leg::perSecond),
            ratio(mine, Leg::perSecond),
            tenths(mine, Leg::cpuEach),
            tenths(mine, Leg::systemEach),
            ratio(mine, Leg::cpuEach)));
    return table;
  }

  private Table latency() {
    String ratio = "÷ " + workload.reference();
    Table table = new Table("latency", "p50 µs", ratio, "p99 µs", ratio, "p99.9 µs", ratio);
    legs.forEach((peer, mine) ->
        table.row(
            peer,
            number(mine, Leg::p50Micros),
            ratio(mine, Leg::p50Micros),
            number(mine, Leg::p99Micros),
            ratio(mine, Leg::p99Micros),
            number(mine, Leg::p999Micros),
            ratio(mine, Leg::p999Micros)));
    return table;
  }

  private static String number(List<Leg> mine, ToDoubleFunction<Leg> value) {
    return Table.number(Spread.of(mine, value).median());
  }

  private static String tenths(List<Leg> mine, ToDoubleFunction<Leg> value) {
    return Table.tenths(Spread.of(mine, value).median());
  }

  private String ratio(List<Leg> mine, ToDoubleFunction<Leg> value) {
    return Spread.ratio(mine, of(workload.reference()), value).toString();
  }

  private String judged(Workload.Target target) {
    Spread ratio = baton(target.reference(), target::of);
    return target + ": " + ratio + ", " + (target.isReached(ratio.median()) ? "reached" : "missed");
  }

  private Spread baton(String other, ToDoubleFunction<Leg> value) {
    return Spread.ratio(of(Compare.BATON), of(other), value);
  }

  private List<Leg> of(String peer) {
    return legs.getOrDefault(peer, List.of());
  }

  BarChart chart() {
    BarChart chart = new BarChart(workload.text(), "per second", "server CPU, µs each");
    legs.forEach((peer, mine) ->
        chart.bar(peer, Spread.of(mine, Leg::perSecond), Spread.of(mine, Leg::cpuEach)));
    return chart;
  }
}
