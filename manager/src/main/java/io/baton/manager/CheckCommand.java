package io.baton.manager;

import io.baton.config.Configuration;
import io.baton.config.ConfigurationException;
import io.baton.config.Settings;
import io.baton.config.SettingsReader;
import io.baton.manager.certificate.ServerCertificates;
import io.baton.manager.text.Units;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that reads the configuration, as a start or a reload would, and does nothing. */
@Command(
    name = "check",
    customSynopsis = "bin/check [--modules] [--json] [--conf FILE] [-DKEY=VALUE ...]",
    description = {
      "Checks the configuration: the file, the certificates, keys and tokens that it",
      "names, and that the modules' jars can be read. It needs no server, and does not",
      "disturb one. Not checked: whether addresses are free; and, without --modules,",
      "whether the modules start and have the services that listeners name. bin/start",
      "and bin/reload check that.",
      "",
      "Exit status: 0 valid, perhaps with warnings; 1 not valid, standard error says",
      "all that is wrong; 2 wrong command line."
    })
final class CheckCommand implements Callable<Integer> {
  @Mixin Main.Where where = new Main.Where();

  @Option(names = "--json", description = "Prints the result as JSON.")
  boolean json;

  @Option(
      names = "--modules",
      description = {
        "Also starts the modules, in a worker that serves nobody and ends: which",
        "services, codecs and authenticators a module has, only its code can tell."
      })
  boolean modules;

  /** What was found. */
  record Result(
      Path file,
      List<String> mistakes,
      List<String> warnings,
      int listeners,
      int workers,
      int certificates,
      int modules) {

    static Result of(Path file, Main.Where where, boolean starting) throws Failure {
      try {
        Configuration configuration = SettingsReader.read(file, where.overrides, Main.home());
        Result result = of(file, configuration);
        return starting && result.isValid()
            ? result.with(ModulesTrial.mistakes(file, where.overrides, configuration))
            : result;
      } catch (ConfigurationException e) {
        return new Result(file, e.complaints(), List.of(), 0, 0, 0, 0);
      }
    }

    private Result with(List<String> others) {
      return new Result(
          file,
          Stream.concat(mistakes.stream(), others.stream()).toList(),
          warnings,
          listeners,
          workers,
          certificates,
          modules);
    }

    private static Result of(Path file, Configuration configuration) {
      Settings settings = configuration.settings();
      List<String> mistakes = new ArrayList<>();
      try {
        var _ = PrivilegeDrop.wanted(settings.server(), PrivilegeDrop.Accounts.ofMachine());
      } catch (Failure e) {
        mistakes.add("%s: %s".formatted(file, e.getMessage()));
      }
      int modules = modules(settings.modules().directory(), mistakes);
      ServerCertificates certificates = ServerCertificates.of(configuration);
      List<String> warnings =
          Stream.concat(
                  MemoryPlan.warnings(settings).stream(),
                  certificates.problems(Instant.now()).stream())
              .toList();
      return new Result(
          file,
          mistakes,
          warnings,
          settings.listeners().size(),
          settings.workers(),
          certificates.all().size(),
          modules);
    }

    /** Counts the jars; those that are none are mistakes. A missing directory has none. */
    private static int modules(Path directory, List<String> mistakes) {
      if (!Files.isDirectory(directory)) {
        return 0;
      }
      int n = 0;
      try (DirectoryStream<Path> jars = Files.newDirectoryStream(directory, "*.jar")) {
        for (Path jar : jars) {
          n++;
          try (JarFile _ = new JarFile(jar.toFile())) {
            // It can be read.
          } catch (IOException e) {
            mistakes.add("%s: found no jar (%s), allowed jars".formatted(jar, e.getMessage()));
          }
        }
      } catch (IOException e) {
        mistakes.add("%s: cannot be read: %s".formatted(directory, e.getMessage()));
      }
      return n;
    }

    boolean isValid() {
      return mistakes.isEmpty();
    }

    String summary() {
      return "configuration %s is valid: %s, %s, %s, %s"
          .formatted(
              file,
              Units.count(listeners, "listener"),
              Units.count(workers, "worker"),
              Units.count(certificates, "certificate"),
              Units.count(modules, "module"));
    }
  }

  @Override
  public Integer call() throws Failure {
    Result result = Result.of(where.file(), where, modules);
    if (json) {
      System.out.print(CommandJson.check(result));
      return result.isValid() ? 0 : Main.NOT_DONE;
    }
    if (!result.isValid()) {
      throw Main.Where.mistakes(result.mistakes(), null);
    }
    System.out.println(result.summary());
    result.warnings().forEach(warning -> System.out.println("warning: " + warning));
    return 0;
  }
}
