package io.baton.manager;

import io.baton.config.Configuration;
import io.baton.config.ConfigurationException;
import io.baton.config.Settings;
import io.baton.config.SettingsReader;
import io.baton.manager.process.TrialWorker;
import io.baton.posix.Account;
import io.baton.posix.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A start of a configuration's modules that no client notices, by the user that the server would
 * have. What it needs on disk is in a directory of its own, which goes with this process.
 */
final class ModulesTrial {
  private ModulesTrial() {}

  /**
   * Starts the modules and stops them.
   *
   * @param configuration that was read of the file with the overrides
   * @return what is wrong with them, or with what the configuration names of them
   * @throws Failure if it cannot be tried
   */
  static List<String> mistakes(
      Path file, Map<String, String> overrides, Configuration configuration)
      throws Failure, ConfigurationException {
    Settings.Server server = configuration.settings().server();
    Path directory = directory(server.runDir());
    Map<String, String> own = new LinkedHashMap<>(overrides);
    own.put("baton.run-dir", directory.toString());
    own.put("baton.log-dir", directory.toString());
    Configuration its = SettingsReader.read(file, own, Main.home()); // as root, if we are
    Account account = PrivilegeDrop.wanted(server, PrivilegeDrop.Accounts.ofMachine());
    try {
      if (account != null && account.user() != Processes.effectiveUser()) {
        account.become();
      }
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> TrialWorker.remove(directory)));
      return TrialWorker.mistakes(its, Main.home());
    } catch (IOException e) {
      throw new Failure("the modules cannot be tried: " + RunDirectory.describe(e), e);
    }
  }

  /**
   * Returns where it will be: in run-dir, if that is there, since native libraries are run from it,
   * which /tmp may not allow.
   */
  private static Path directory(Path runDir) {
    Path in =
        Files.isWritable(runDir) ? runDir : Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    return in.resolve("check-%d-%x".formatted(ProcessHandle.current().pid(), System.nanoTime()));
  }
}
