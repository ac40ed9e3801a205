package io.baton.manager;

import io.baton.config.Settings;
import io.baton.manager.listen.InheritedSockets;
import io.baton.manager.listen.PrivilegedSockets;
import io.baton.posix.Account;
import io.baton.posix.PosixException;
import java.io.IOException;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The step from root to the user of the configuration: opens what needs root, and becomes that
 * user. Nothing here logs, so that no log file becomes root's.
 *
 * @param to the user that this process is to become; null if it stays who it is
 */
record PrivilegeDrop(@Nullable Account to) {
  private static final int ROOT = 0;

  /** This machine's users and groups. */
  interface Accounts {
    /** Returns the user of this name; null if there is none. */
    @Nullable Account user(String name);

    /** Returns the number of the group of this name, if there is one. */
    OptionalInt group(String name);

    /** Those that the C library knows. */
    static Accounts ofMachine() {
      return new Accounts() {
        @Override
        public @Nullable Account user(String name) {
          return Account.named(name);
        }

        @Override
        public OptionalInt group(String name) {
          return Account.group(name);
        }
      };
    }
  }

  /**
   * Decides.
   *
   * @param us the user that this process runs as
   * @throws Failure if it cannot become the user that it is to be
   */
  static PrivilegeDrop of(Settings.Server server, int us, Accounts accounts) throws Failure {
    Account wanted = wanted(server, accounts);
    if (wanted == null || wanted.user() == us) {
      return new PrivilegeDrop(null);
    }
    if (us != ROOT) {
      throw new Failure(
          ("user is %s, but the server is started by user %d, and only root can become another user:"
                  + " start it as root or as %s, or remove user from the configuration")
              .formatted(server.user(), us, server.user()));
    }
    return new PrivilegeDrop(wanted);
  }

  /**
   * Looks the user of the configuration up.
   *
   * @return null if it names none
   * @throws Failure if this machine does not have it, or its group
   */
  static @Nullable Account wanted(Settings.Server server, Accounts accounts) throws Failure {
    if (server.user().isEmpty()) {
      return null;
    }
    Account user = accounts.user(server.user());
    if (user == null) {
      throw new Failure(
          ("user is %s, but this machine has no such user; allowed: one that exists"
                  + " (`useradd --system %s` makes it)")
              .formatted(server.user(), server.user()));
    }
    if (server.group().isEmpty()) {
      return user;
    }
    OptionalInt group = accounts.group(server.group());
    if (group.isEmpty()) {
      throw new Failure(
          ("group is %s, but this machine has no such group; allowed: one that exists"
                  + " (`groupadd --system %s` makes it)")
              .formatted(server.group(), server.group()));
    }
    return user.withGroup(group.getAsInt());
  }

  boolean isNeeded() {
    return to != null;
  }

  /**
   * Performs it: run-dir and log-dir are there and the user's afterwards, if root may make them.
   *
   * @param inherited sockets that this process was started with
   * @return these, and those that root has opened
   * @throws Failure if that is not possible; the process must end then
   */
  InheritedSockets perform(Settings settings, InheritedSockets inherited) throws Failure {
    Account account = to;
    if (account == null) {
      return inherited;
    }
    OptionalInt holder = RunDirectory.holder(settings.server().runDir());
    if (holder.isPresent()) { // its sockets would be in the way, which says less
      throw RunDirectory.alreadyRunning(
          Integer.toString(holder.getAsInt()), settings.server().runDir().resolve("lock"));
    }
    try {
      InheritedSockets sockets = PrivilegedSockets.open(settings, inherited);
      Directories.makeFor(account, settings.server().runDir(), "rwx------");
      Directories.makeFor(account, settings.server().logDir(), "rwxr-x---");
      account.become();
      return sockets;
    } catch (PosixException e) {
      throw new Failure(
          "the server cannot become user %s: %s".formatted(account.name(), e.getMessage()), e);
    } catch (IOException e) {
      throw new Failure(RunDirectory.describe(e), e);
    }
  }
}
