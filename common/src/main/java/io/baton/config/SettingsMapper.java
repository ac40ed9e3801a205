package io.baton.config;

import io.baton.service.Endpoint;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * From the blocks of the configuration to {@link Settings}: every key with its bounds, and what
 * must hold between keys. Bounds are there to catch a wrong unit, not to forbid an experiment.
 */
final class SettingsMapper {
  private static final long SECOND = 1000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;
  private static final Pattern HOST_NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?");

  /** A name as useradd allows it, and those with capitals and dots that other directories have. */
  private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,31}");

  /** A name as shells have them, with or without a star; or the star alone. */
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*\\*?|\\*");

  static final long DAY = 24 * HOUR;

  static final int KIB = 1024;
  static final int MIB = 1024 * KIB;
  static final long TIB = 1024L * 1024 * MIB;

  /** A body that a service gets whole is one buffer, which has no more than an int can say. */
  static final int MAX_WHOLE = 2047 * MIB;

  private static final int MAX_WORKERS = 256;
  static final int MAX_CONNECTIONS = 100_000_000;

  // A pipe with the kernel's default buffer holds about 278 handoffs.
  private static final int MAX_UNACKED = 256;

  private static final int MAX_FROZEN = 1024;

  /** Of {@code fleet.canary}: more than that say nothing new. */
  private static final int MAX_CANARY = 1000;

  private final Path home;
  private final CredentialsReader credentials;

  /**
   * @param credentials reads the files of certificates, keys and tokens
   */
  SettingsMapper(Path home, CredentialsReader credentials) {
    this.home = home;
    this.credentials = credentials;
  }

  Settings map(Section root) {
    Section baton = root.section("baton");
    root.end();
    Path runDir = runDir(baton);
    Section adminBlock = baton.section("admin");
    Settings.Admin admin = admin(adminBlock);
    List<Settings.Listener> listeners = new ListenersMapper(home, runDir, credentials).map(baton);
    checkAdmin(adminBlock, admin, listeners);
    Settings settings =
        new Settings(
            new Settings.Server(
                baton.text("name"),
                account(baton, "user"),
                group(baton),
                baton.oneOf("scheduling", Settings.Scheduling.class),
                runDir,
                baton.path("log-dir", home),
                admin,
                baton.integerOr("max-connections", Map.of("off", 0), 1, MAX_CONNECTIONS)),
            baton.integerOr("workers", Map.of("auto", cores()), 1, MAX_WORKERS),
            listeners,
            fleet(baton.section("fleet")),
            worker(baton.section("worker"), runDir),
            CodecsMapper.map(baton),
            new Settings.Modules(
                baton.path("modules-dir", home), modules(baton.section("modules"))),
            new ClusterMapper(credentials).map(baton.section("cluster")));
    baton.end();
    return settings;
  }

  private static String account(Section baton, String key) {
    return baton.text(
        key,
        "a %s's name, or \"\"".formatted(key),
        text -> text.isEmpty() || ACCOUNT.matcher(text).matches());
  }

  private static String group(Section baton) {
    String group = account(baton, "group");
    if (!group.isEmpty() && account(baton, "user").isEmpty()) {
      baton.contradicts("group", "a group only together with user");
    }
    return group;
  }

  private static int cores() {
    return Math.min(MAX_WORKERS, Runtime.getRuntime().availableProcessors());
  }

  private Path runDir(Section baton) {
    Path runDir = baton.path("run-dir", home);
    int length = socketLength(adminSocket(runDir));
    if (length > Endpoint.Unix.MAX_PATH_BYTES) {
      baton.contradicts(
          "run-dir",
          "a path with which <run-dir>/admin.sock has at most %d bytes (it has %d)"
              .formatted(Endpoint.Unix.MAX_PATH_BYTES, length));
    }
    return runDir;
  }

  static Path adminSocket(Path runDir) {
    return runDir.resolve("admin.sock");
  }

  /** As the kernel counts it. */
  static int socketLength(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  private static Settings.Admin admin(Section admin) {
    Settings.Admin settings =
        new Settings.Admin(
            admin.text("host", "a loopback address or localhost", Hosts::isLoopback),
            admin.integer("port", 1, 65_535),
            admin.parsedAll("hosts", "a host's name, without a port", SettingsMapper::hostName));
    admin.end();
    return settings;
  }

  private static String hostName(String text) {
    if (!HOST_NAME.matcher(text).matches()) {
      throw new IllegalArgumentException("not a host's name: " + text);
    }
    return text.toLowerCase(Locale.ROOT);
  }

  private static String variable(String text) {
    if (!VARIABLE.matcher(text).matches()) {
      throw new IllegalArgumentException("not a variable's name: " + text);
    }
    return text;
  }

  private static void checkAdmin(
      Section block, Settings.Admin admin, List<Settings.Listener> listeners) {
    for (Settings.Listener listener : listeners) {
      if (listener.endpoint() instanceof Endpoint.Tcp tcp
          && tcp.port() == admin.port()
          && Hosts.same(tcp.host(), admin.host())) {
        block.contradicts("port", "any but that of listener " + listener.name(), "host");
      }
    }
  }

  private static FleetSettings fleet(Section fleet) {
    FleetSettings settings =
        new FleetSettings(
            new FleetSettings.Handoffs(
                fleet.integer("max-unacked", 1, MAX_UNACKED),
                fleet.millis("stall-after", 1, MINUTE),
                fleet.millis("handoff-timeout", 10, HOUR)),
            new FleetSettings.Supervision(
                fleet.millis("start-timeout", 100, HOUR),
                fleet.millis("ping-interval", 10, HOUR),
                fleet.millisOr("hang-timeout", Map.of("off", 0), 100, HOUR),
                fleet.millis("dump-grace", 0, HOUR),
                fleet.millisOr("callback-warning", Map.of("off", 0), 20, HOUR),
                fleet.millisOr("lane-hang-timeout", Map.of("off", 0), 20, DAY)),
            backoff(fleet.section("backoff")),
            breaker(fleet.section("breaker")),
            fleet.millis("drain-timeout", 0, DAY),
            new FleetSettings.Migration(
                fleet.integer("max-frozen", 1, MAX_FROZEN),
                fleet.millis("quiesce-timeout", 0, HOUR),
                fleet.millis("resume-timeout", 10, HOUR),
                fleet.integer("canary", 0, MAX_CANARY)),
            rebalance(fleet.section("rebalance")));
    checkTimes(fleet, settings.handoffs(), settings.supervision());
    fleet.end();
    return settings;
  }

  private static void checkTimes(
      Section block, FleetSettings.Handoffs handoffs, FleetSettings.Supervision supervision) {
    long stallAfterMs = handoffs.stallAfterMs();
    moreThan(block, "handoff-timeout", handoffs.timeoutMs(), "stall-after", stallAfterMs);
    long hangTimeoutMs = supervision.hangTimeoutMs();
    if (hangTimeoutMs != 0) {
      moreThan(block, "hang-timeout", hangTimeoutMs, "stall-after", stallAfterMs);
      moreThan(block, "hang-timeout", hangTimeoutMs, "ping-interval", supervision.pingIntervalMs());
    }
    if (supervision.laneHangTimeoutMs() != 0) {
      if (supervision.callbackWarningMs() == 0) {
        block.contradicts("lane-hang-timeout", "off", "callback-warning");
      }
      moreThan(
          block,
          "lane-hang-timeout",
          supervision.laneHangTimeoutMs(),
          "callback-warning",
          supervision.callbackWarningMs());
    }
  }

  private static FleetSettings.Backoff backoff(Section backoff) {
    FleetSettings.Backoff settings =
        new FleetSettings.Backoff(
            backoff.millis("initial", 1, HOUR),
            backoff.millis("max", 1, HOUR),
            backoff.millis("stable-after", 0, DAY));
    if (settings.maxMs() < settings.initialMs()) {
      backoff.contradicts(
          "max", "initial (" + Units.millis(settings.initialMs()) + ") or more", "initial");
    }
    backoff.end();
    return settings;
  }

  private static FleetSettings.Breaker breaker(Section breaker) {
    FleetSettings.Breaker settings =
        new FleetSettings.Breaker(
            breaker.integer("failures", 1, 1000), breaker.millis("retry", 1, DAY));
    breaker.end();
    return settings;
  }

  private static FleetSettings.Rebalance rebalance(Section rebalance) {
    FleetSettings.Rebalance settings =
        new FleetSettings.Rebalance(
            rebalance.millisOr("interval", Map.of("off", 0), 10, DAY),
            10 * rebalance.integer("busy", 1, 99),
            rebalance.integer("intervals", 1, 1000),
            rebalance.integer("improvement", 1, 99),
            rebalance.millis("pause", 0, DAY));
    rebalance.end();
    return settings;
  }

  private static void moreThan(Section block, String key, long ms, String other, long otherMs) {
    if (ms <= otherMs) {
      block.contradicts(key, "more than " + other + " (" + Units.millis(otherMs) + ")", other);
    }
  }

  private static WorkerSettings worker(Section worker, Path runDir) {
    WorkerSettings settings =
        new WorkerSettings(
            new WorkerSettings.Start(
                worker.text(
                    "java",
                    "an absolute path, or \"\"",
                    java -> java.isEmpty() || java.startsWith("/")),
                worker.texts("java-options"),
                worker.parsedAll(
                    "environment",
                    "names of variables, or a beginning of names and *",
                    SettingsMapper::variable),
                worker.flag("rehearse")),
            new WorkerSettings.Reporting(
                worker.millis("load-interval", 10, MINUTE),
                worker.millis("latency-interval", 10, HOUR)),
            worker.integer("receive-batch", 1, 1024),
            new WorkerSettings.Ring(
                worker.integer("ring-threads", 1, 256), worker.integer("ring-size", 16, MIB)),
            worker.bytesOr("memory-budget", Map.of("auto", 0), MIB, 1024L * 1024 * MIB),
            new WorkerSettings.Recycle(
                worker.bytesOr("max-rss", Map.of("off", 0), MIB, TIB),
                worker.millisOr("max-age", Map.of("off", 0), SECOND, 365 * DAY),
                worker.integerOr("max-connections-served", Map.of("off", 0), 1, Integer.MAX_VALUE)),
            new WorkerSettings.Spool(
                worker.path("spool-dir", runDir),
                worker.bytesOr("max-spooled", Map.of("off", 0), 0, TIB)));
    if (Integer.bitCount(settings.ring().size()) != 1) {
      worker.contradicts("ring-size", "a power of two");
    }
    worker.end();
    return settings;
  }

  private static Map<String, Map<String, Object>> modules(Section modules) {
    Map<String, Map<String, Object>> blocks = new TreeMap<>();
    modules.entries().forEach((name, block) -> blocks.put(name, block.freeForm()));
    return blocks;
  }
}
