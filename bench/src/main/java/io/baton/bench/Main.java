package io.baton.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Runs one benchmark. The process ends with 0 if all is well, 1 if the server lost something or
 * could not be measured, 2 if it was called wrongly.
 */
public final class Main {
  private static final String USAGE =
      """
      usage: bench/run migration [--connections N] [--reloads N] [--rate N] [--watched N]
             bench/run reload-http [--seconds N] [--connections N]
      bench/README.md tells what they measure.\
      """;

  private Main() {}

  public static void main(String[] args) throws Exception {
    System.exit(run(args));
  }

  private static int run(String[] args) throws Exception {
    try {
      Path home = Path.of(System.getProperty("baton.home", "."));
      List<String> rest = Arrays.asList(args).subList(Math.min(1, args.length), args.length);
      return switch (args.length == 0 ? "" : args[0]) {
        case "migration" -> {
          Options options = Options.parse(Migration.OPTIONS, rest);
          printHead("migration", options);
          yield new Migration(home, options).run() ? 0 : 1;
        }
        case "reload-http" -> {
          Options options = Options.parse(ReloadHttp.OPTIONS, rest);
          printHead("reload-http", options);
          yield new ReloadHttp(home, options).run() ? 0 : 1;
        }
        default -> {
          System.err.println(USAGE);
          yield 2;
        }
      };
    } catch (Options.UsageException e) {
      System.err.println("bench/run: " + e.getMessage() + "\n" + USAGE);
      return 2;
    } catch (BenchException e) {
      System.err.println("bench/run: " + e.getMessage());
      return 1;
    }
  }

  /** What has to stand next to any figure. */
  private static void printHead(String name, Options options) {
    System.out.printf(
        "bench/run %s%s%n%d cores, %s %s, JDK %s, load average before %.2f%n%n",
        name,
        options,
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        Runtime.version(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }
}
