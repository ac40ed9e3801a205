package io.baton.worker;

import io.baton.log.LogFile;
import io.baton.posix.OpenFile;
import io.baton.posix.PosixException;
import io.baton.posix.Processes;
import java.nio.file.Path;
import java.util.List;
import jnr.constants.platform.Signal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What signals do to a worker; docs/OPERATIONS.md has the table. Whoever stops a unit signals all
 * of its processes: a worker that ended for that would drop what it is about to answer, so it waits
 * for the manager's word as long as there is a manager.
 *
 * <p>The manager starts workers with all of these ignored. That does not stay so, for it would go
 * on to each command that a service starts.
 */
final class Signals {
  private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

  private static final List<Signal> TO_END = List.of(Signal.SIGTERM, Signal.SIGINT, Signal.SIGHUP);

  private final Runnable exit;
  private volatile boolean orphaned;
  private volatile Runnable reopening = () -> {};

  private Signals(Runnable exit) {
    this.exit = exit;
  }

  /**
   * From now on.
   *
   * @param exit ends this process
   */
  static Signals handle(Runnable exit) {
    Signals signals = new Signals(exit);
    for (Signal signal : TO_END) {
      Processes.onIgnoredSignal(signal, () -> signals.end(signal));
    }
    Processes.onIgnoredSignal(Signal.SIGUSR1, signals::reopen);
    for (Signal signal : Processes.DEADLY_BY_DEFAULT) {
      Processes.onIgnoredSignal(
          signal, () -> LOG.warn("{} was sent to this worker: ignored", signal));
    }
    return signals;
  }

  /** Sets what SIGUSR1 has opened anew besides the log and the output. */
  void reopens(Runnable others) {
    reopening = others;
  }

  /** The manager is gone: nobody else will end this worker. */
  void orphaned() {
    orphaned = true;
  }

  private void end(Signal signal) {
    if (orphaned) {
      LOG.warn("{}: this worker ends, as its manager has", signal);
      exit.run();
    } else {
      LOG.info(
          "{}: ignored, the manager ends its workers; bin/recycle SLOT or SIGKILL ends one",
          signal);
    }
  }

  /** Opens the log and the output anew, under their own names. */
  private void reopen() {
    LogFile.reopenAll();
    reopening.run();
    String output = System.getProperty("baton.output");
    try {
      if (output != null) {
        OpenFile.printTo(Path.of(output));
      }
    } catch (PosixException e) {
      LOG.error("SIGUSR1: the output stays where it is: {}", e.getMessage());
    }
  }
}
