package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings.LaneKind;
import io.baton.service.Service;
import io.baton.testing.SessionContract;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.line.LineCodec;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/** The runtime's sessions keep what the test kit's do, on the event loop and in another lane. */
@ExtendWith(NoLeaks.class)
final class RuntimeContractTest {

  @Nested
  final class OnTheEventLoop extends SessionContract {
    @Override
    protected Subject subject(Supplier<? extends Service<String, String>> services) {
      return new WorkerSubject(services, null);
    }
  }

  @Nested
  final class InALaneOfItsOwn extends SessionContract {
    @Override
    protected Subject subject(Supplier<? extends Service<String, String>> services) {
      return new WorkerSubject(services, new StepLane());
    }
  }

  /** A session whose lane and loop have nothing to do between two calls. */
  private static final class WorkerSubject implements SessionContract.Subject {
    private final SessionHarness<String, String> harness;
    private final StringBuilder out = new StringBuilder();

    WorkerSubject(Supplier<? extends Service<String, String>> services, @Nullable StepLane lane) {
      harness =
          new SessionHarness<>(TestRoutes.in(LaneKind.LOOP, new LineCodec(100), services), lane);
    }

    private void settle() {
      harness.settle();
      out.append(harness.out());
    }

    @Override
    public void open() {
      harness.open();
      settle();
    }

    @Override
    public void receive(String message) {
      harness.client(message + "\n");
      settle();
    }

    @Override
    public void clientEnds() {
      harness.clientEnds();
      settle();
    }

    @Override
    public void clientBreaks() {
      harness.breaks();
      settle();
    }

    @Override
    public void setWritable(boolean writable) {
      harness.writable(writable);
      settle();
    }

    @Override
    public void advance(Duration time) {
      harness.pass(time);
      settle();
    }

    @Override
    public List<String> sent() {
      settle();
      return out.toString().lines().toList();
    }

    @Override
    public int unprocessed() {
      settle();
      return harness.counters.inFlight();
    }

    @Override
    public void move() {
      assertThat(harness.move()).isTrue();
      settle();
    }

    @Override
    public void close() {
      settle();
      harness.close();
      settle();
    }
  }
}
