package io.baton.manager;

import io.baton.config.Configuration;
import io.baton.config.Settings;
import io.baton.manager.fleet.Generation;
import io.baton.manager.process.Deployment;
import io.baton.manager.process.GenerationFiles;
import io.baton.manager.process.Launcher;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Makes a generation out of what is on disk now.
 *
 * @param home where Baton is
 * @param foreground workers write to our output instead of files
 */
record Deployer(Path home, boolean foreground) {

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
            settings.runDir(),
            generation.number(),
            home.resolve("lib/worker"),
            settings.modulesDir());
    try {
      Launcher launcher = new Launcher(settings, home, files, foreground);
      return Deployment.of(generation, configuration.concluded(), launcher, files);
    } catch (IOException | RuntimeException e) {
      files.remove();
      throw e;
    }
  }
}
