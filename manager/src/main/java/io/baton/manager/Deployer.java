package io.baton.manager;

import static java.util.stream.Collectors.joining;

import io.baton.config.Configuration;
import io.baton.config.Settings;
import io.baton.manager.fleet.Generation;
import io.baton.manager.process.Deployment;
import io.baton.manager.process.GenerationFiles;
import io.baton.manager.process.Launcher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a generation out of what is on disk now, and keeps what it was made of. */
final class Deployer {
  private static final Logger log = LoggerFactory.getLogger(Deployer.class);

  private final Path home;
  private final boolean foreground;
  private final Set<GenerationFiles> made = ConcurrentHashMap.newKeySet();

  /** What was last said of the workers' environment. */
  private volatile String environment = "";

  /**
   * @param home where Baton is
   * @param foreground workers write to our output instead of files
   */
  Deployer(Path home, boolean foreground) {
    this.home = home;
    this.foreground = foreground;
  }

  boolean foreground() {
    return foreground;
  }

  /**
   * Pins the jars. Not for the manager's thread.
   *
   * @param configuration the one that the generation was made from
   * @throws IOException if that cannot be done; nothing is left of it then
   */
  Deployment deploy(Generation generation, Configuration configuration) throws IOException {
    Settings settings = configuration.settings();
    GenerationFiles files =
        GenerationFiles.pin(
            settings.server().runDir(),
            generation.number(),
            home.resolve("lib/worker"),
            settings.modules().directory());
    made.add(files);
    log.info(
        "generation {} has these modules: {}",
        generation.number(),
        files.versions().isEmpty()
            ? "none"
            : files.versions().stream().map(Object::toString).collect(joining(", ")));
    try {
      Launcher launcher = new Launcher(settings, home, files, foreground);
      logEnvironment(launcher.environment().describe());
      return Deployment.of(generation, configuration, launcher, files);
    } catch (IOException | RuntimeException e) {
      files.remove();
      throw e;
    }
  }

  /** Once, unless it has changed: it is long, and the same for most generations. */
  private void logEnvironment(String description) {
    if (!description.equals(environment)) {
      environment = description;
      log.info(description);
    }
  }

  /**
   * Writes the files of all generations again that are missing.
   *
   * @return whether any was
   */
  boolean restoreFiles() throws IOException {
    made.removeIf(GenerationFiles::isRemoved);
    boolean any = false;
    for (GenerationFiles files : made) {
      any |= files.restore();
    }
    return any;
  }
}
