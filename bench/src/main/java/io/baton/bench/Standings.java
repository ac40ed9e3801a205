package io.baton.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How the peers did in one workload, a leg each round. Ratios to the workload's reference are made
 * within a round, because the next one meets the machine in another mood.
 */
final class Standings {
  private final Workload workload;
  private final Legs<String> legs = new Legs<>();

  Standings(Workload workload) {
    this.workload = workload;
  }

  void add(String peer, Leg leg) {
    legs.add(peer, leg);
  }

  /** Exchanges that did not go well. */
  long failed() {
    return legs.failed();
  }

  /** Two tables, because one would be too wide to read, and what is hoped for. */
  String markdown() {
    StringBuilder text = new StringBuilder("\n### ").append(workload.text()).append("\n\n");
    text.append(rateAndCpu().markdown()).append('\n');
    text.append(latency().markdown()).append('\n');
    for (Workload.Target target : workload.targets()) {
      if (legs.has(target.reference())) {
        text.append(judged(target)).append('\n');
      }
    }
    workload
        .alsoBeside()
        .filter(legs::has)
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
    return Spread.ratio(mine, legs.of(workload.reference()), value).toString();
  }

  private String judged(Workload.Target target) {
    Spread ratio = baton(target.reference(), target::of);
    return Aim.judged(target.toString(), ratio.toString(), target.isReached(ratio.median()));
  }

  private Spread baton(String other, ToDoubleFunction<Leg> value) {
    return legs.ratio(Compare.BATON, other, value);
  }

  BarChart chart() {
    BarChart chart = new BarChart(workload.text(), "per second", "server CPU, µs each");
    legs.forEach((peer, mine) ->
        chart.bar(peer, Spread.of(mine, Leg::perSecond), Spread.of(mine, Leg::cpuEach)));
    return chart;
  }
}
