package io.baton.manager;

import io.baton.pipe.Message.SessionReport;
import io.baton.pipe.ServiceSessions;
import io.baton.pipe.SessionCounts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The last session report of each worker that lives. */
final class SessionReports {
  private final Map<Long, SessionReport> byWorker = new HashMap<>();

  /** Keeps a report, in which listeners have their numbers, in place of the worker's last one. */
  void keep(long worker, SessionReport report) {
    byWorker.put(worker, report);
  }

  /** Forgets what a worker that is dead has reported. */
  void drop(long worker) {
    byWorker.remove(worker);
  }

  /**
   * Returns the sum of all reports. It lists every service that any of them lists: a service's
   * sessions in a worker that does not list it are among the others.
   */
  SessionReport sum() {
    Map<Service, SessionCounts> sums = new HashMap<>();
    SessionCounts others = SessionCounts.NONE;
    for (SessionReport report : byWorker.values()) {
      for (ServiceSessions each : report.services()) {
        sums.merge(
            new Service(each.listener(), each.service()), each.counts(), SessionCounts::plus);
      }
      others = others.plus(report.others());
    }
    List<ServiceSessions> services = new ArrayList<>(sums.size());
    sums.forEach((service, counts) ->
        services.add(new ServiceSessions(service.listener(), service.name(), counts)));
    services.sort(ServiceSessions.MOST_FIRST);
    return new SessionReport(services, others);
  }

  private record Service(int listener, String name) {}
}
