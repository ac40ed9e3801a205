package io.baton.manager;

import io.baton.manager.listen.InheritedSockets;
import java.io.IOException;
import java.util.Map;

/**
 * The service manager that has started this process, such as systemd.
 *
 * @param notifier the reports to it
 * @param sockets those that it has made for this process
 */
record ServiceManager(ServiceNotifier notifier, InheritedSockets sockets) implements AutoCloseable {

  /** A server that was started by hand, or in the background, where it is another process. */
  static ServiceManager none() {
    return new ServiceManager(ServiceNotifier.none(), InheritedSockets.NONE);
  }

  /**
   * The one that speaks through this process's environment.
   *
   * @throws IOException with one line that says what is wrong with the sockets
   */
  static ServiceManager of(Map<String, String> environment) throws IOException {
    InheritedSockets sockets = InheritedSockets.take(environment, ProcessHandle.current().pid());
    return new ServiceManager(ServiceNotifier.of(environment), sockets);
  }

  /** Returns the same with other sockets. */
  ServiceManager with(InheritedSockets others) {
    return new ServiceManager(notifier, others);
  }

  @Override
  public void close() {
    sockets.close();
    notifier.close();
  }
}
