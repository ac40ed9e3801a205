package io.baton.manager;

import io.baton.config.CodecSettings;
import io.baton.config.Settings;
import io.baton.manager.text.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether what the limits allow fits into the memory that a worker is given. The worker defends
 * itself if it does not; but then it turns clients away that the limits promise to serve.
 */
final class MemoryPlan {
  /** What of a body is in memory while the rest of it is written, in bytes. */
  private static final long MOST_ON_ITS_WAY_TO_A_FILE = 256 * 1024;

  private static final Pattern HEAP = Pattern.compile("-Xmx(\\d+)([kKmMgGtT]?)");
  private static final Pattern DIRECT =
      Pattern.compile("-XX:MaxDirectMemorySize=(\\d+)([kKmMgGtT]?)");

  private static final String UNITS = "kmgt";

  private final Settings settings;
  private final List<String> warnings = new ArrayList<>();

  private MemoryPlan(Settings settings) {
    this.settings = settings;
  }

  /** What an operator should know, a line each; nothing if the memory is not said. */
  static List<String> warnings(Settings settings) {
    MemoryPlan plan = new MemoryPlan(settings);
    plan.directBytes().ifPresent(plan::check);
    return List.copyOf(plan.warnings);
  }

  /** Direct memory of a worker, by its options: as much as its heap unless they say otherwise. */
  private OptionalLong directBytes() {
    OptionalLong direct = lastOf(DIRECT);
    return direct.isPresent() && direct.getAsLong() > 0 ? direct : lastOf(HEAP);
  }

  private OptionalLong lastOf(Pattern option) {
    return settings.worker().start().javaOptions().stream()
        .map(option::matcher)
        .filter(Matcher::matches)
        .mapToLong(MemoryPlan::bytes)
        .reduce((_, last) -> last);
  }

  private static long bytes(Matcher option) {
    int unit =
        option.group(2).isEmpty() ? 0 : 1 + UNITS.indexOf(option.group(2).toLowerCase(Locale.ROOT));
    return Long.parseLong(option.group(1)) << (10 * unit);
  }

  private void check(long direct) {
    long own = settings.worker().memoryBudgetBytes();
    long budget = own == 0 ? direct / 2 : own;
    if (budget > direct) {
      warnings.add(
          "worker.memory-budget is %s, but worker.java-options give a worker only %s of direct memory"
              .formatted(Units.bytes(budget), Units.bytes(direct)));
    }
    for (Settings.Listener listener : settings.listeners()) {
      check(listener, budget);
    }
  }

  private void check(Settings.Listener listener, long budget) {
    long message = longestMessage(listener);
    if (message > budget) {
      warnings.add(
          "listener %s: a message may be up to %s long, but all connections of a worker together may hold %s (worker.memory-budget): such a message is never received"
              .formatted(listener.name(), Units.bytes(message), Units.bytes(budget)));
      return;
    }
    int connections = connections(listener);
    if (connections == 0) {
      return; // there is no limit that could promise too much
    }
    Settings.SessionOptions session = listener.options().session();
    long each = message + windowBytes(listener) + session.output().highWaterMarkBytes();
    long all = each * connections;
    if (all > budget) {
      warnings.add(
          "listener %s: %s of a worker may hold up to %s each, together %s, but the worker has %s for all connections (worker.memory-budget): under load the worker will stop reading some of them and refuse messages of others; docs/OPERATIONS.md says how to size a worker"
              .formatted(
                  listener.name(),
                  Units.count(connections, "connection"),
                  Units.bytes(each),
                  Units.bytes(all),
                  Units.bytes(budget)));
    }
  }

  /** Of the listener, or of the route with the largest. */
  private static int windowBytes(Settings.Listener listener) {
    int most = listener.options().session().window().bytes();
    for (Settings.HttpRoute route : listener.routes()) {
      Settings.Window own = route.options().window();
      most = own == null ? most : Math.max(most, own.bytes());
    }
    return most;
  }

  /** Of a body of http, while it arrives; a longer one goes to a file, if files are allowed. */
  private long longestContent(Settings.Listener listener) {
    CodecSettings.Http http = settings.codecs().http();
    long longest = http.maxContent();
    for (Settings.HttpRoute route : listener.routes()) {
      if (route.body() == Settings.Body.WHOLE) {
        longest = Math.max(longest, route.maxContent());
      }
    }
    return settings.worker().spool().maxBytes() == 0
        ? longest
        : Math.min(longest, Math.max(http.maxContentInMemory(), MOST_ON_ITS_WAY_TO_A_FILE));
  }

  /** Of a worker, if they are spread evenly; 0 if there is no limit. */
  private int connections(Settings.Listener listener) {
    int own = listener.options().limits().maxConnections();
    int total = settings.server().maxConnections();
    int most = own == 0 ? total : total == 0 ? own : Math.min(own, total);
    return Math.ceilDiv(most, settings.workers());
  }

  /** What a client may make a codec hold before it is handed out, in bytes. */
  private long longestMessage(Settings.Listener listener) {
    CodecSettings codecs = settings.codecs();
    long http = codecs.http().maxHeader() + longestContent(listener);
    long webSocket = codecs.webSocket().maxMessage();
    long link = (long) codecs.link().sessionWindow() + codecs.link().maxMessage();
    return switch (listener.codec()) {
      case "http" ->
          listener.routes().stream()
              .mapToLong(route ->
                  switch (route.codec()) {
                    case "websocket" -> webSocket;
                    case "link" -> link;
                    default -> http;
                  })
              .reduce(http, Math::max);
      case "websocket" -> webSocket;
      case "line" -> codecs.line().maxLength();
      case "frame" -> codecs.frame().maxLength();
      case "link" -> link;
      default -> 0; // raw has none, and what a module's codec allows only it knows
    };
  }
}
