package io.baton.worker.pipe;

import io.baton.pipe.Load;
import io.baton.pipe.Message;
import io.baton.pipe.Message.ToManager;
import io.baton.pipe.Pipe;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the pipe. Of load reports only the newest, behind the departures. The rest is
 * bounded because nothing is received while anything waits, and what is received is what gets
 * answered; more than {@value #MAX} is our own inconsistency.
 */
final class Outbox {
  static final int MAX = 4096;

  private final Deque<ToManager> queue = new ArrayDeque<>();
  private final Departures departures;
  private @Nullable Load load;
  private boolean reports;

  Outbox(Departures departures) {
    this.departures = departures;
  }

  void add(ToManager message) {
    if (queue.size() >= MAX) {
      throw new IllegalStateException("more than " + MAX + " messages wait for the manager");
    }
    reports |=
        message instanceof Message.Latency
            || message instanceof Message.SessionReport
            || message instanceof Message.MetricsReport;
    queue.add(message);
  }

  void report(Load newest) {
    load = newest;
  }

  boolean isEmpty() {
    return queue.isEmpty() && load == null;
  }

  /** Whether a report of latency, of sessions or of metrics is among what waits. */
  boolean reportsWait() {
    return reports;
  }

  /** Sends as much as goes. */
  Pipe.Sent flush(Pipe pipe) {
    Pipe.Sent sent = pipe.flush(queue);
    if (sent != Pipe.Sent.YES) {
      return sent;
    }
    reports = false;
    Load newest = load;
    if (newest != null || departures.areUrgent()) {
      sent = departures.flush(pipe);
    }
    if (newest != null && sent == Pipe.Sent.YES) {
      sent = pipe.send(new Message.LoadReport(newest), null);
      if (sent == Pipe.Sent.YES) {
        load = null;
      }
    }
    return sent;
  }
}
