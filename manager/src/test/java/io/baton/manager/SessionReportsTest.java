package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.Message.SessionReport;
import io.baton.pipe.ServiceSessions;
import io.baton.pipe.SessionCounts;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionReportsTest {
  private final SessionReports reports = new SessionReports();

  private static ServiceSessions chat(int listener, long sessions) {
    return new ServiceSessions(listener, "/chat", new SessionCounts(sessions, 1, 10, 2, 3));
  }

  private static SessionReport report(long others, ServiceSessions... services) {
    return new SessionReport(List.of(services), new SessionCounts(others, 0, others, 0, 0));
  }

  @Test
  void theLastReportsOfAllWorkersAreAddedUp() {
    reports.keep(1, report(9, chat(0, 900)));
    reports.keep(1, report(1, chat(0, 2), chat(1, 5)));
    reports.keep(2, report(2, chat(1, 6), chat(3, 4)));
    assertThat(reports.sum())
        .isEqualTo(
            new SessionReport(
                List.of(
                    new ServiceSessions(1, "/chat", new SessionCounts(11, 2, 20, 4, 6)),
                    chat(3, 4),
                    chat(0, 2)),
                new SessionCounts(3, 0, 3, 0, 0)));
  }

  @Test
  void whatADeadWorkerHasReportedCountsNoLonger() {
    reports.keep(1, report(1, chat(0, 2)));
    reports.keep(2, report(0, chat(0, 3)));
    reports.drop(1);
    reports.drop(3); // has never reported anything
    assertThat(reports.sum()).isEqualTo(report(0, chat(0, 3)));
    reports.drop(2);
    assertThat(reports.sum()).isEqualTo(SessionReport.NONE);
  }
}
