package io.baton.worker.session;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Protocol;
import io.baton.codec.UnderWay;
import io.baton.pipe.Message;
import io.baton.pipe.Message.SessionReport;
import io.baton.pipe.ServiceSessions;
import io.baton.pipe.SessionCounts;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.memory.Holder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SessionCensusTest {
  private static final Protocol<?, ?> CHAT = protocol("/chat");

  private final OpenSessions sessions = new OpenSessions();
  private final SessionCensus census = new SessionCensus(sessions, routes(CHAT));

  private static Protocol<?, ?> protocol(String name) {
    return new Protocol<>(
        name,
        new RawCodec(),
        () -> {
          throw new UnsupportedOperationException();
        });
  }

  private static List<Route<?, ?>> routes(Protocol<?, ?>... upgrades) {
    Protocol<?, ?> first = protocol("");
    return List.of(
        new Route<>("plain", first, List.of(), TestRoutes.OPTIONS),
        new Route<>("web", first, List.of(upgrades), TestRoutes.OPTIONS));
  }

  private Counted open(int listener, String protocol) {
    Counted session = new Counted(listener, protocol);
    sessions.opened(session);
    return session;
  }

  private SessionReport take() {
    return requireNonNull(census.take());
  }

  private static SessionCounts counts(long... counts) {
    long[] five = Arrays.copyOf(counts, 5);
    return new SessionCounts(five[0], five[1], five[2], five[3], five[4]);
  }

  private static ServiceSessions service(int listener, String name, long... counts) {
    return new ServiceSessions(listener, name, counts(counts));
  }

  @Test
  void eachSessionCountsForItsListenersServiceThatItSpeaksNow() {
    open(0, "").held = 100;
    Counted web = open(1, "");
    open(1, "/chat").held = 20;
    Counted away = open(1, "/chat");
    away.away = true;
    away.underWay = UnderWay.of(2, 3);
    open(0, "").underWay = UnderWay.of(1, 0);
    assertThat(take())
        .isEqualTo(
            new SessionReport(
                List.of(
                    service(0, "", 2, 0, 100, 1),
                    service(1, "/chat", 2, 1, 20, 2, 3),
                    service(1, "", 1, 0, 0)),
                SessionCounts.NONE));
    web.protocol = "/chat";
    assertThat(take().services())
        .containsExactly(service(1, "/chat", 3, 1, 20, 2, 3), service(0, "", 2, 0, 100, 1));
  }

  @Test
  void nothingIsReportedUntilItIsOtherThanWhatWasReportedLast() {
    assertThat(census.take()).as("no sessions").isNull();
    Counted session = open(1, "/chat");
    assertThat(take().services()).containsExactly(service(1, "/chat", 1, 0, 0));
    assertThat(census.take()).as("the same").isNull();
    session.held = 1;
    assertThat(take().services()).containsExactly(service(1, "/chat", 1, 0, 1));
    sessions.closed(session);
    assertThat(take()).isEqualTo(SessionReport.NONE);
    assertThat(census.take()).as("none again").isNull();
  }

  @Test
  void nothingIsCountedWhereNoListenerHasMoreThanOneProtocol() {
    SessionCensus none = new SessionCensus(sessions, routes());
    sessions.opened(new UnaskedSession());
    assertThat(none.take()).isNull();
  }

  @Test
  void theServicesWithMostSessionsAreListedAndTheOthersAreSummedUp() {
    int services = Message.MAX_SERVICES + 3;
    for (int i = 0; i < services; i++) {
      Counted session = open(1, "/%03d".formatted(i));
      session.held = 10;
      session.away = i == services - 1;
    }
    for (int i = services - 2; i < services; i++) {
      open(1, "/%03d".formatted(i));
    }
    SessionReport report = take();
    assertThat(report.services())
        .hasSize(Message.MAX_SERVICES)
        .startsWith(
            service(1, "/121", 2, 0, 10),
            service(1, "/122", 2, 1, 10),
            service(1, "/000", 1, 0, 10))
        .endsWith(service(1, "/117", 1, 0, 10));
    assertThat(report.others()).isEqualTo(new SessionCounts(3, 0, 30, 0, 0));
  }

  /** A session of which nothing but its part of the census is asked. */
  private static final class Counted extends UnaskedSession {
    private final int listener;
    private String protocol;
    private boolean away;
    private long held;
    private UnderWay underWay = UnderWay.NONE;

    Counted(int listener, String protocol) {
      this.listener = listener;
      this.protocol = protocol;
    }

    @Override
    public int listener() {
      return listener;
    }

    @Override
    public String protocol() {
      return protocol;
    }

    @Override
    public boolean isAway() {
      return away;
    }

    @Override
    public UnderWay underWay() {
      return underWay;
    }

    @Override
    public Holder holder() {
      return new Holder() {
        @Override
        public long held() {
          return held;
        }

        @Override
        public long releasable() {
          throw new UnsupportedOperationException();
        }

        @Override
        public void holdBack() {
          throw new UnsupportedOperationException();
        }

        @Override
        public void readOn() {
          throw new UnsupportedOperationException();
        }

        @Override
        public void evict() {
          throw new UnsupportedOperationException();
        }
      };
    }
  }
}
