package io.baton.manager;

import io.baton.config.Configuration;
import io.baton.config.Settings;
import io.baton.manager.listen.InheritedSockets;
import io.baton.posix.OpenFile;
import io.baton.posix.Processes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What a server's process does before anything else, and before it logs: reads the configuration
 * with the rights that it was started with, and becomes the user that it names.
 *
 * @param configuration of the first generation
 * @param serviceManager that has started it, with all sockets that there are already; ours
 * @param dropped whether it was root's before
 * @param sinceNanos when it began
 */
record ServerStart(
    Configuration configuration, ServiceManager serviceManager, boolean dropped, long sinceNanos) {
  private static final int ROOT = 0;

  /**
   * One in the foreground, perhaps started by a service manager.
   *
   * @throws Failure if it cannot start; the process must end then
   */
  static ServerStart inForeground(Reloads.Source source) throws Failure {
    long since = System.nanoTime();
    Configuration configuration = source.read();
    PrivilegeDrop drop = drop(configuration.settings());
    try {
      ServiceManager manager = ServiceManager.of(System.getenv());
      InheritedSockets sockets = drop.perform(configuration.settings(), manager.sockets());
      return new ServerStart(configuration, manager.with(sockets), drop.isNeeded(), since);
    } catch (IOException e) {
      throw new Failure(RunDirectory.describe(e), e);
    }
  }

  /**
   * One in the background.
   *
   * @param output to which it prints from here on, if it has become another user
   * @throws Failure if it cannot start; the process must end then
   */
  static ServerStart inBackground(Reloads.Source source, String output) throws Failure {
    long since = System.nanoTime();
    Configuration configuration = source.read();
    PrivilegeDrop drop = drop(configuration.settings());
    InheritedSockets sockets = drop.perform(configuration.settings(), InheritedSockets.NONE);
    if (drop.isNeeded()) {
      Path logDir = configuration.settings().server().logDir();
      Directories.takeLog(logDir);
      try {
        OpenFile.printTo(logDir.resolve(output));
      } catch (IOException e) {
        throw new Failure(RunDirectory.describe(e), e);
      }
    }
    return new ServerStart(
        configuration, ServiceManager.none().with(sockets), drop.isNeeded(), since);
  }

  /**
   * What the operator should know about the user that serves.
   *
   * @param source is read again: the user may not be allowed to read what root was
   */
  List<String> warnings(Reloads.Source source) {
    Settings.Server server = configuration.settings().server();
    if (!dropped) {
      return Processes.effectiveUser() == ROOT && server.user().isEmpty()
          ? List.of(
              "the server and all services have the rights of root; user = NAME in the"
                  + " configuration, or a start by another user, takes them away")
          : List.of();
    }
    try {
      var _ = source.read();
      return List.of();
    } catch (Failure e) {
      return List.of(
          "reloads will be refused, because user %s cannot read what root could: %s"
              .formatted(
                  server.user(), String.valueOf(e.getMessage()).replaceAll("\\s*\n\\s*", "; ")));
    }
  }

  /** Decides whether a process of this one's user becomes another one. */
  static PrivilegeDrop drop(Settings settings) throws Failure {
    return PrivilegeDrop.of(
        settings.server(), Processes.effectiveUser(), PrivilegeDrop.Accounts.ofMachine());
  }
}
