package io.baton.manager.fleet;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Collectors;

/** The last things that happened in a simulation; as text only if somebody wants to read it. */
final class SimulationTrace {
  private static final int MAX_LINE = 160;
  private static final int MAX_LINES = 300;

  private record Line(long nowMs, Object what) {
    @Override
    public String toString() {
      String text = what.toString();
      String start = what instanceof Event ? nowMs + " " : "    ";
      return start + text.substring(0, Math.min(text.length(), MAX_LINE));
    }
  }

  private final Deque<Line> lines = new ArrayDeque<>();

  void add(long nowMs, Object what) {
    lines.addLast(new Line(nowMs, what));
    if (lines.size() > MAX_LINES) {
      lines.removeFirst();
    }
  }

  @Override
  public String toString() {
    return lines.stream().map(Line::toString).collect(Collectors.joining("\n"));
  }
}
