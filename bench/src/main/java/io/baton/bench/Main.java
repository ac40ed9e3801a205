package io.baton.bench;

import io.baton.bench.Options.Option;
import io.baton.testing.server.CommandException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
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
      usage: bench/run compare [--rounds N] [--seconds N] [--warm-up N] [--batch 0|1]
             bench/run short
             bench/run sessions [--sessions N] [--workers N]
             bench/run request [--forks N]
             bench/run tls [--forks N] [--rounds N] [--seconds N] [--warm-up N]
             bench/run returns [--rounds N] [--seconds N] [--warm-up N] [--workers N]
             bench/run link [--rounds N] [--seconds N] [--warm-up N] [--idle N]
             bench/run topics [--rounds N] [--seconds N] [--warm-up N] [--crowd N]
             bench/run neighbours [--rounds N] [--seconds N]
             bench/run migration [--connections N] [--reloads N] [--rate N] [--watched N]
             bench/run reload-http [--seconds N] [--connections N]
      bench/README.md tells what they measure.\
      """;

  /** Less than two minutes, for every day. */
  private static final List<String> SHORT =
      List.of("--rounds", "1", "--seconds", "3", "--warm-up", "6");

  /** A benchmark of which all that is to be kept is a section of the results. */
  private record Section(String name, String title, List<Option> options, Benchmark benchmark) {}

  private interface Benchmark {
    String run(Path home, Options options) throws IOException, InterruptedException;
  }

  private static final List<Section> SECTIONS =
      List.of(
          new Section(
              "request",
              "A request between the sockets",
              Requests.OPTIONS,
              (home, options) -> new Requests(home, options).run()),
          new Section(
              "tls", "Encryption", Tls.OPTIONS, (home, options) -> new Tls(home, options).run()),
          new Section(
              "returns",
              "Clients that come back",
              Returns.OPTIONS,
              (home, options) -> new Returns(home, options).run()),
          new Section(
              "link",
              "Link beside gRPC",
              LinkComparison.OPTIONS,
              (home, options) -> new LinkComparison(home, options).run()),
          new Section(
              "topics",
              "Topics beside a group of channels",
              TopicsComparison.OPTIONS,
              (home, options) -> new TopicsComparison(home, options).run()),
          new Section(
              "neighbours",
              "A light session beside a heavy one",
              Neighbours.OPTIONS,
              (home, options) -> new Neighbours(home, options).run()));

  private Main() {}

  public static void main(String[] args) throws Exception {
    System.exit(run(args));
  }

  private static int run(String[] args) throws Exception {
    try {
      Path home = Path.of(System.getProperty("baton.home", "."));
      List<String> rest = Arrays.asList(args).subList(Math.min(1, args.length), args.length);
      String name = args.length == 0 ? "" : args[0];
      return switch (name) {
        case "compare" -> {
          Options options = Options.parse(Compare.OPTIONS, rest);
          String head = printHead("compare", options);
          Compare.Outcome outcome = new Compare(home, options, true).run();
          if (options.get(Compare.BATCH) == 1) {
            String title = "Beside others, all treated alike";
            publish(home, "compare-batch", title, head, outcome.report());
          } else {
            publish(home, "compare", "Beside others", head, outcome.report());
            write(home, "docs/bench.svg", BarChart.svg(outcome.charts()));
          }
          yield outcome.good() ? 0 : 1;
        }
        case "short" -> {
          if (!rest.isEmpty()) {
            throw new Options.UsageException("short has no options");
          }
          Options options = Options.parse(Compare.OPTIONS, SHORT);
          printHead("compare", options);
          Compare.Outcome outcome = new Compare(home, options, false).run();
          System.out.print(outcome.report());
          yield outcome.good() ? 0 : 1;
        }
        case "sessions" -> {
          Options options = Options.parse(Sessions.OPTIONS, rest);
          String head = printHead("sessions", options);
          int workers = options.get(Sessions.WORKERS);
          String picture = "docs/sessions-%d-workers.svg".formatted(workers);
          Sessions.Outcome outcome = new Sessions(home, options).run();
          String report =
              outcome.report()
                  + "\nThe echo's, as a picture: [%1$s](../%1$s).%n".formatted(picture);
          publish(home, "sessions of " + workers + " workers", "Many sessions", head, report);
          write(home, picture, LineChart.svg(outcome.charts()));
          yield 0;
        }
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
        default -> report(home, name, rest);
      };
    } catch (Options.UsageException e) {
      System.err.println("bench/run: " + e.getMessage() + "\n" + USAGE);
      return 2;
    } catch (BenchException | CommandException e) {
      System.err.println("bench/run: " + e.getMessage());
      return 1;
    }
  }

  private static int report(Path home, String name, List<String> arguments)
      throws Options.UsageException, IOException, InterruptedException {
    for (Section each : SECTIONS) {
      if (each.name.equals(name)) {
        Options options = Options.parse(each.options, arguments);
        String head = printHead(name, options);
        publish(home, name, each.title, head, each.benchmark.run(home, options));
        return 0;
      }
    }
    System.err.println(USAGE);
    return 2;
  }

  /** Prints the report, and puts it with its head into the results. */
  private static void publish(Path home, String section, String title, String head, String report)
      throws IOException {
    System.out.print(report);
    String text = "\n## " + title + "\n\n" + head + report;
    Results.replace(home.resolve("bench/RESULTS.md"), section, text);
    System.out.println("written: bench/RESULTS.md");
  }

  private static void write(Path home, String file, String text) throws IOException {
    Files.writeString(home.resolve(file), text);
    System.out.println("written: " + file);
  }

  /** What has to stand next to any figure; as it is before the run. */
  private static String printHead(String name, Options options) {
    String head =
        "`bench/run %s%s`%n%n%d cores, %s %s, JDK %s, load average before %.2f%n"
            .formatted(
                name,
                options,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                Runtime.version(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    System.out.println(head);
    return head;
  }
}
