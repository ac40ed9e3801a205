package io.baton.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Sessions of one kind on one server, held by other processes. A process can have 20,000
 * descriptors where the limit is as usual in containers, so many sessions need many of them.
 */
final class Crowd implements AutoCloseable {
  private static final int WARM_UP_SESSIONS = 10_000;
  private static final int WARM_UP_ANSWERS = 10; // of each
  private static final int EACH_HOLDER = 15_000;
  private static final int ADDRESSES = 200; // of 127.0.x: each has ports of its own

  private final Tools tools;
  private final Server server;
  private final ProcessHandle manager;
  private final Idle idle;
  private final Memory empty;
  private final List<Holder> holders = new ArrayList<>();
  private int open;

  /** One of nobody yet, on a server whose code for it has run before. */
  Crowd(Tools tools, Server server, Idle idle) throws IOException, InterruptedException {
    this.tools = tools;
    this.server = server;
    this.idle = idle;
    manager = server.manager();
    try (Holder holder = hold(WARM_UP_SESSIONS)) {
      holder.said();
      for (int i = 0; i < WARM_UP_ANSWERS; i++) {
        holder.ask();
      }
    }
    server.awaitNoConnections();
    empty = Memory.of(manager);
  }

  private Holder hold(int sessions) throws IOException {
    int n = holders.size();
    String source = "127.0." + (1 + n / ADDRESSES) + "." + (1 + n % ADDRESSES);
    return Holder.start(tools.load(idle.mode(), idle.port(server), source, sessions));
  }

  /** Opens as many as are missing, and has all of them answer. Throws if one does not. */
  Cost grow(int upTo) throws IOException, InterruptedException {
    System.out.printf(Locale.ROOT, "%s: %,d sessions%n", idle.text(), upTo);
    int before = open;
    Cpu start = Cpu.of(manager);
    double opening = 0;
    while (open < upTo) {
      int n = Math.min(EACH_HOLDER, upTo - open);
      holders.add(hold(n));
      opening += holders.getLast().said().seconds();
      open += n;
    }
    Cpu opened = Cpu.of(manager);
    List<Leg> answers = new ArrayList<>();
    for (Holder holder : holders) {
      answers.add(holder.ask());
    }
    Cpu answered = Cpu.of(manager);
    Memory now = Memory.of(manager);
    return new Cost(
        idle,
        open,
        (open - before) / opening,
        (double) opened.since(start).micros() / (open - before),
        answers,
        (double) answered.since(opened).micros() / open,
        now,
        now.since(empty));
  }

  @Override
  public void close() {
    holders.forEach(Holder::close);
  }
}
