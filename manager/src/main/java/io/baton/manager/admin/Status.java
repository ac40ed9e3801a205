package io.baton.manager.admin;

import io.baton.config.Settings;
import io.baton.log.NonBlockingAppender;
import io.baton.manager.certificate.ServerCertificate;
import io.baton.manager.certificate.ServerCertificates;
import io.baton.manager.fleet.FleetView;
import io.baton.manager.fleet.FleetView.WorkerView;
import io.baton.manager.listen.Listener;
import io.baton.manager.metrics.MetricView;
import io.baton.manager.process.ModuleVersion;
import io.baton.manager.text.Names;
import io.baton.manager.text.Units;
import io.baton.pipe.Load;
import io.baton.pipe.Message.SessionReport;
import io.baton.pipe.ServiceSessions;
import io.baton.pipe.SessionCounts;
import io.baton.posix.DescriptorUse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * How the server is at one moment: what {@code /status}, {@code /metrics} and {@code bin/status}
 * show. Immutable; {@code latency} is a copy that nobody writes to.
 *
 * @param uptimeMs since the manager's start
 * @param latency nanoseconds a service took per message, all workers together
 * @param unlisted sessions of services that are not among their listener's, because their workers
 *     have sessions of too many services to report each
 * @param modules jars that the workers of the generation that serves run
 * @param logDiscarded log lines dropped because the log could not be written fast enough
 * @param descriptors of the manager and the workers, by pid; empty where nobody has looked
 * @param problems what is wrong with the server itself, a line each
 * @param metrics that workers and their modules have reported, by name
 */
public record Status(
    String name,
    String version,
    long pid,
    long uptimeMs,
    FleetView fleet,
    List<ModuleVersion> modules,
    List<ListenerView> listeners,
    SessionCounts unlisted,
    Histogram latency,
    long logDiscarded,
    Map<Long, DescriptorUse> descriptors,
    List<String> problems,
    List<MetricView> metrics) {

  /** From this part of its limit on, a process is short of descriptors. */
  private static final double SHORT = 0.9;

  /**
   * One listener.
   *
   * @param certificates that clients are shown; none: connections are not encrypted
   * @param limited clients turned away because of a limit
   * @param denied clients that may not connect, or not now
   * @param open connections, as far as workers have reported their ends
   * @param returning clients that come back to their sessions, or may
   * @param services sessions of each, those with most first; empty if none of the server's
   *     listeners has more than one service
   * @param state LISTENING, WAITING (no worker has room: clients wait in the kernel's backlog),
   *     CLOSED, UNAVAILABLE: optional, and could not be bound, or UNREACHABLE: its socket's file is
   *     gone
   * @param problem why it is UNAVAILABLE or UNREACHABLE; else null
   */
  public record ListenerView(
      String name,
      String endpoint,
      String codec,
      String service,
      String placement,
      List<ServerCertificate> certificates,
      long accepted,
      long refused,
      long limited,
      long denied,
      int open,
      FleetView.Returning returning,
      List<ServiceSessions> services,
      String state,
      @Nullable String problem) {

    /** Whether connections are encrypted. */
    public boolean hasTls() {
      return !certificates.isEmpty();
    }

    /** Whether there are sessions of another service than the one that connections begin with. */
    public boolean hasNamedServices() {
      return services.stream().anyMatch(each -> !each.service().isEmpty());
    }
  }

  /**
   * Puts it together.
   *
   * @param certificates of the generation that serves
   * @param now when they are looked at
   * @param room whether clients are accepted now
   * @param sessions of all workers together, in which listeners have their numbers
   * @param metrics of all workers together
   */
  public static Status of(
      Settings settings,
      long uptimeMs,
      FleetView fleet,
      List<ModuleVersion> modules,
      List<Listener> listeners,
      ServerCertificates certificates,
      Instant now,
      boolean room,
      Histogram latency,
      SessionReport sessions,
      List<MetricView> metrics) {
    return new Status(
        settings.server().name(),
        buildVersion(),
        ProcessHandle.current().pid(),
        uptimeMs,
        fleet,
        modules,
        listeners.stream().map(each -> view(each, fleet, certificates, room, sessions)).toList(),
        sessions.others(),
        latency,
        NonBlockingAppender.discarded(),
        Map.of(),
        certificates.problems(now),
        metrics);
  }

  /** The same, with one more problem. */
  public Status withProblem(String problem) {
    List<String> all = new ArrayList<>(problems);
    all.add(problem);
    return with(descriptors, all);
  }

  /**
   * The same, with what its processes are seen to use.
   *
   * @param of a pid's; asked for each process
   */
  public Status with(LongFunction<DescriptorUse> of) {
    Map<Long, DescriptorUse> used = new TreeMap<>();
    List<String> all = new ArrayList<>(problems);
    look("the manager", pid, of, used, all);
    for (WorkerView worker : fleet.workers()) {
      if (worker.pid() != 0) {
        look("worker " + worker.slot(), worker.pid(), of, used, all);
      }
    }
    return with(used, all);
  }

  private Status with(Map<Long, DescriptorUse> used, List<String> all) {
    return new Status(
        name,
        version,
        pid,
        uptimeMs,
        fleet,
        modules,
        listeners,
        unlisted,
        latency,
        logDiscarded,
        used,
        all,
        metrics);
  }

  private static void look(
      String who,
      long pid,
      LongFunction<DescriptorUse> of,
      Map<Long, DescriptorUse> used,
      List<String> problems) {
    DescriptorUse its = of.apply(pid);
    used.put(pid, its);
    if (its.limit() > 0 && its.open() >= SHORT * its.limit()) {
      problems.add(
          "%s has %s of %s descriptors open (ulimit -n)"
              .formatted(who, Units.count(its.open()), Units.count(its.limit())));
    }
  }

  /** Of the process with this pid, if somebody has looked. */
  public DescriptorUse descriptors(long of) {
    return descriptors.getOrDefault(of, DescriptorUse.UNKNOWN);
  }

  private static ListenerView view(
      Listener listener,
      FleetView fleet,
      ServerCertificates certificates,
      boolean room,
      SessionReport sessions) {
    Settings.Listener settings = listener.settings();
    FleetView.ListenerCounts counts = fleet.listeners().get(listener.number());
    String problem = listener.problem();
    String bound = !listener.isBound() ? "CLOSED" : room ? "LISTENING" : "WAITING";
    return new ListenerView(
        settings.name(),
        settings.endpoint().toString(),
        settings.codec(),
        service(settings),
        settings.options().placement().name().toLowerCase(Locale.ROOT).replace('_', '-'),
        certificates.of(settings.name()),
        counts.accepted(),
        counts.refused(),
        counts.limited(),
        counts.denied(),
        counts.open(),
        counts.returning(),
        sessions.services().stream().filter(each -> each.listener() == listener.number()).toList(),
        problem == null ? bound : listener.isBound() ? "UNREACHABLE" : "UNAVAILABLE",
        problem);
  }

  /** The service's name, or those of all routes, or the names under which link serves some. */
  static String service(Settings.Listener listener) {
    if (!listener.services().isEmpty()) {
      return names(listener.services());
    }
    return listener.routes().isEmpty()
        ? listener.service()
        : listener.routes().stream()
            .map(Status::service)
            .distinct()
            .collect(Collectors.joining(","));
  }

  private static String service(Settings.HttpRoute route) {
    if (route.files() != null) {
      return "files";
    }
    return route.services().isEmpty() ? route.service() : names(route.services());
  }

  private static String names(List<Settings.LinkService> services) {
    return Names.firstOf(services.stream().map(Settings.LinkService::name).toList());
  }

  /** Of this build. */
  public static String buildVersion() {
    String version = Status.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }

  /** Whether a client that connects now would be served. */
  public boolean isReady() {
    return fleet.phase() == FleetView.Phase.RUNNING
        && fleet.workers().stream().anyMatch(worker -> worker.state().equals("READY"));
  }

  /** Sessions of all listeners whose clients are away. */
  public long away() {
    return fleet.listeners().stream().mapToLong(each -> each.returning().away()).sum();
  }

  /** Clients of all workers that wait for an authenticator's decision. */
  public long authenticating() {
    return fleet.workers().stream()
        .mapToLong(worker -> worker.load().counters().authentications().running())
        .sum();
  }

  /** Open connections of all workers. */
  public long connections() {
    return fleet.workers().stream().map(WorkerView::load).mapToLong(Load::connections).sum();
  }
}
