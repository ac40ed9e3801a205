package io.baton.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SessionCountsTest {

  @Test
  void eachNumberIsAddedToItsOwnAndStaysAtTheMost() {
    assertThat(new SessionCounts(1, 2, 3, 4, 5).plus(new SessionCounts(10, 20, 30, 40, 50)))
        .isEqualTo(new SessionCounts(11, 22, 33, 44, 55));
    long most = Long.MAX_VALUE;
    assertThat(
            new SessionCounts(most, most, most, most, most).plus(new SessionCounts(1, 1, 1, 1, 1)))
        .isEqualTo(new SessionCounts(most, most, most, most, most));
  }

  @Test
  void servicesWithMostSessionsComeFirstAndTheOthersByListenerAndName() {
    List<ServiceSessions> sorted =
        List.of(sessions(1, "c", 9), sessions(0, "z", 5), sessions(1, "a", 5), sessions(1, "b", 5));
    assertThat(sorted.reversed().stream().sorted(ServiceSessions.MOST_FIRST))
        .containsExactlyElementsOf(sorted);
  }

  private static ServiceSessions sessions(int listener, String service, long sessions) {
    return new ServiceSessions(listener, service, new SessionCounts(sessions, 0, 0, 0, 0));
  }
}
