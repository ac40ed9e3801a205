package io.baton.manager;

import io.baton.log.LogFile;
import io.baton.manager.admin.AdminSocket;
import io.baton.manager.fleet.StopMode;
import io.baton.posix.OpenFile;
import io.baton.posix.PosixException;
import io.baton.posix.Processes;
import java.nio.file.Path;
import jnr.constants.platform.Signal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What signals do to a running manager; docs/OPERATIONS.md has the table. Those that nobody has a
 * use for here would end it without a word, so they are caught and said.
 */
final class Signals {
  private static final Logger log = LoggerFactory.getLogger(Signals.class);

  private final Path logDir;
  private final Manager manager;
  private final AdminSocket admin;

  private Signals(Path logDir, Manager manager, AdminSocket admin) {
    this.logDir = logDir;
    this.manager = manager;
    this.admin = admin;
  }

  /** From now on. */
  static void handle(Path logDir, Manager manager, Reloads reloads, AdminSocket admin) {
    Signals signals = new Signals(logDir, manager, admin);
    Processes.onSignal(Signal.SIGTERM, () -> manager.requests().stop(StopMode.GRACEFUL));
    Processes.onSignal(Signal.SIGINT, () -> manager.requests().stop(StopMode.GRACEFUL));
    Processes.onSignal(
        Signal.SIGHUP,
        () -> {
          admin.restore();
          reloads.hangUp();
        });
    Processes.onSignal(Signal.SIGUSR1, signals::reopen);
    for (Signal signal : Processes.DEADLY_BY_DEFAULT) {
      Processes.onSignal(signal, () -> log.warn("{} was sent to the manager: ignored", signal));
    }
  }

  /** Opens anew, under its own name, what somebody may have moved or deleted. */
  private void reopen() {
    admin.restore();
    String output = System.getProperty("baton.output");
    if (output == null) {
      log.info("SIGUSR1: no log file to reopen, this server logs to standard output");
      return;
    }
    try {
      Directories.takeLog(logDir);
      OpenFile.printTo(Path.of(output));
      LogFile.reopenAll();
      manager.requests().reopenLogs();
      log.info("SIGUSR1: log files were reopened");
    } catch (Failure | PosixException e) {
      log.error("SIGUSR1: log files stay as they are: {}", e.getMessage());
    }
  }
}
