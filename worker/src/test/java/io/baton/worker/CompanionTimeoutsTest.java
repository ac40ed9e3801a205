package io.baton.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.TableCodec;
import io.baton.codec.TableCodec.Line;
import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.session.Route;
import io.baton.worker.session.TestRoutes;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The times that clients have on each connection of a session for what they have begun. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // recvmsg heeds no interrupt
@ExtendWith(NoLeaks.class)
class CompanionTimeoutsTest extends TwoWorkers {
  CompanionTimeoutsTest() throws Exception {}

  @Override
  List<Route<?, ?>> routes() {
    return List.of(
        TestRoutes.of("plain", "header-timeout = 300ms", new TableCodec(), Answering::new));
  }

  private static final class Answering implements Service<Line, Line> {
    @Override
    public boolean opened(Session<Line> session) {
      return true;
    }

    @Override
    public void received(Session<Line> session, Line line) {
      session.send(line);
    }

    @Override
    public void closed(Session<Line> session, CloseReason why) {}
  }

  private LineClient join(String table) throws Exception {
    LineClient client = one.connect().says("join " + table);
    assertThat(client.hears()).startsWith("seat ");
    return client;
  }

  @Test
  void aCompanionThatDoesNotFinishItsMessageIsClosedAndTheSessionGoesOn() throws Exception {
    LineClient first = one.connect().says("new");
    String table = Objects.requireNonNull(first.hears());
    LineClient second = join(table);
    LineClient third = join(table);
    second.speaks("half a li");
    assertThat(second.hears()).isEqualTo("bye TIMEOUT");
    assertThat(second.hears()).isNull();
    assertThat(first.hears()).isEqualTo("1 left");
    assertThat(third.hears()).isEqualTo("1 left");
    assertThat(first.says("a").hears()).isEqualTo("a");
    assertThat(third.says("b").hears()).isEqualTo("b");
  }

  @Test
  void theFirstConnectionHasNoMoreTimeBecauseACompanionSpeaks() throws Exception {
    LineClient first = one.connect().says("new");
    LineClient second = join(Objects.requireNonNull(first.hears()));
    first.speaks("half a li");
    String heard = "x";
    while (heard != null && heard.equals("x")) {
      heard = second.says("x").hears();
    }
    assertThat(heard).isEqualTo("bye TIMEOUT");
    assertThat(first.hears()).isEqualTo("bye TIMEOUT");
  }
}
