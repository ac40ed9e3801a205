package io.baton.manager;

import io.baton.manager.top.Rates;
import io.baton.manager.top.TopJson;
import io.baton.manager.top.TopScreen;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The command that shows a server live in a terminal. {@code bin/top} says whether there is one, by
 * {@code BATON_TERMINAL}, and has it pass on each key as it is pressed; afterwards the script
 * restores it.
 */
@Command(
    name = "top",
    customSynopsis = "bin/top [--once] [--json] [--conf FILE] [-DKEY=VALUE ...]",
    description = {
      "Shows workers and listeners live, with what happens in a second. Without a",
      "terminal, and with --once or --json, it looks for one second and prints once.",
      "",
      "Keys: w, b, c, m, i and h sort the workers by slot, busy share, connections,",
      "messages, bytes and heap; q ends."
    })
final class TopCommand implements Callable<Integer> {
  private static final long INTERVAL_MS = 1_000;
  private static final long KEY_MS = 50;

  private static final String ENTER = "\033[?1049h\033[?25l";
  private static final String LEAVE = "\033[?25h\033[?1049l";
  private static final String HOME = "\033[H";
  private static final String REST_OF_LINE = "\033[K";
  private static final String REST_OF_SCREEN = "\033[J";

  @Mixin Main.Where where = new Main.Where();

  @Option(names = "--once", description = "Prints once.")
  boolean once;

  @Option(names = "--json", description = "Prints once, as JSON.")
  boolean json;

  private TopScreen.Order order = TopScreen.Order.SLOT;

  private record Size(int rows, int columns) {}

  @Override
  public Integer call() throws Failure, InterruptedException {
    Control control = Main.control(where);
    if (once || json || System.getenv("BATON_TERMINAL") == null) {
      String before = control.ask("status --json").text();
      Thread.sleep(INTERVAL_MS);
      Rates rates = rates(before, control.ask("status --json").text());
      System.out.print(
          json
              ? TopJson.render(rates)
              : String.join("\n", TopScreen.lines(rates, order, Integer.MAX_VALUE)) + "\n");
      return 0;
    }
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    Thread leave = new Thread(() -> write(LEAVE, out));
    Runtime.getRuntime().addShutdownHook(leave); // also after Ctrl-C
    write(ENTER, out);
    live(control, out);
    return 0;
  }

  private void live(Control control, PrintStream out) throws Failure, InterruptedException {
    String before = null;
    boolean more = true;
    while (more) {
      long next = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(INTERVAL_MS);
      String now = control.ask("status --json").text();
      Rates rates = rates(before, now);
      before = now;
      draw(rates, out);
      while (more && System.nanoTime() < next) {
        Thread.sleep(KEY_MS);
        more = heed(rates, out);
      }
    }
  }

  /** Does what the keys say; false: it is to end. */
  private boolean heed(Rates rates, PrintStream out) {
    try {
      while (System.in.available() > 0) {
        int key = System.in.read();
        if (key == 'q' || key < 0) {
          return false;
        }
        TopScreen.Order.of(key)
            .ifPresent(chosen -> {
              order = chosen;
              draw(rates, out);
            });
      }
      return !out.checkError();
    } catch (IOException _) {
      return false; // the terminal is gone
    }
  }

  private void draw(Rates rates, PrintStream out) {
    Size size = size();
    List<String> lines = TopScreen.lines(rates, order, size.columns);
    StringBuilder screen = new StringBuilder(HOME);
    lines.stream()
        .limit(Math.max(0, size.rows - 2))
        .forEach(line -> screen.append(line).append(REST_OF_LINE).append("\r\n"));
    screen.append(REST_OF_LINE).append("\r\n");
    String keys = TopScreen.KEYS;
    screen.append(keys, 0, Math.min(keys.length(), size.columns)).append(REST_OF_SCREEN);
    write(screen.toString(), out);
  }

  private static void write(String text, PrintStream out) {
    out.print(text);
    out.flush();
  }

  /** Asks each time, because a window may change its size. */
  private static Size size() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size").redirectInput(ProcessBuilder.Redirect.INHERIT).start();
      String[] words =
          new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
              .strip()
              .split(" ", 2);
      int rows = Integer.parseInt(words[0]);
      int columns = Integer.parseInt(words[1]);
      return rows > 0 && columns > 0 ? new Size(rows, columns) : new Size(24, 80);
    } catch (IOException | RuntimeException _) {
      return new Size(24, 80);
    }
  }

  private static Rates rates(@Nullable String before, String now) throws Failure {
    try {
      return Rates.between(before, now);
    } catch (IOException e) {
      throw new Failure("the status cannot be read: " + e.getMessage(), e);
    }
  }
}
