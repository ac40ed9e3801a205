package io.baton.manager.fleet;

import io.baton.manager.text.Units;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What became of the connections of workers that left, added up. */
final class Left {
  private final List<Worker> workers;

  Left(List<Worker> workers) {
    this.workers = workers.stream().filter(worker -> worker.leave != null).toList();
  }

  long migrated() {
    return workers.stream().mapToLong(worker -> leave(worker).migrated).sum();
  }

  long finished() {
    return workers.stream().mapToLong(worker -> leave(worker).finished).sum();
  }

  long closed() {
    return workers.stream().mapToLong(worker -> leave(worker).closed).sum();
  }

  /** Whether there was none that could not go on elsewhere. */
  boolean isComplete() {
    return unmoved().isEmpty();
  }

  /** Why connections were closed, and why sessions could not go on, a line for each. */
  List<String> details() {
    List<String> lines = new ArrayList<>();
    for (Worker worker : workers) {
      String cause = cause(worker);
      if (leave(worker).closed > 0 && !cause.isEmpty()) {
        lines.add("%s closed: %s".formatted(Units.count(leave(worker).closed), cause));
      }
    }
    unmoved()
        .forEach((reason, count) ->
            lines.add("%s could not go on: %s".formatted(sessions(count), reason)));
    return lines;
  }

  private static String sessions(int count) {
    return Units.count(count, "session");
  }

  private static String cause(Worker worker) {
    if (!worker.held.isEmpty()) {
      return worker.held;
    }
    return worker.end == null || worker.endedAsWanted ? "" : worker + " " + worker.end;
  }

  private Map<String, Integer> unmoved() {
    Map<String, Integer> all = new LinkedHashMap<>();
    for (Worker worker : workers) {
      worker.unmoved.byReason().forEach((reason, count) -> all.merge(reason, count, Integer::sum));
    }
    return all;
  }

  private static Leave leave(Worker worker) {
    Leave leave = worker.leave;
    if (leave == null) {
      throw new IllegalStateException(worker + " is not on leave");
    }
    return leave;
  }
}
