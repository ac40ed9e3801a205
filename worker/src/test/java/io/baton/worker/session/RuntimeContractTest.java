package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings.LaneKind;
import io.baton.service.Service;
import io.baton.testing.SessionContract;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.lane.Lane;
import io.baton.worker.lane.LoopLane;
import io.baton.worker.load.WorkerCounters;
import io.baton.worker.migration.OutgoingMigration;
import io.baton.worker.migration.SavedSession;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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

  /** A worker, and after a move another, with one session. */
  private static final class WorkerSubject
      implements SessionContract.Subject, OutgoingMigration.Owner {
    private final Route<String, String> route;
    private final @Nullable StepLane lane;
    private final StringBuilder out = new StringBuilder();
    private @Nullable EmbeddedChannel channel;
    private @Nullable WorkerContext context;
    private @Nullable WorkerCounters counters;
    private @Nullable SavedSession saved;

    WorkerSubject(Supplier<? extends Service<String, String>> services, @Nullable StepLane lane) {
      this.route = TestRoutes.in(LaneKind.LOOP, new LineCodec(100), services);
      this.lane = lane;
    }

    private WorkerContext context(EmbeddedChannel fresh) {
      fresh.freezeTime();
      EventLoop loop = fresh.eventLoop();
      Lane runsIn = lane == null ? new LoopLane(loop) : lane;
      counters = new WorkerCounters();
      WorkerContext made = SessionHarness.context(loop, counters, runsIn);
      context = made;
      return made;
    }

    private EmbeddedChannel channel() {
      return Objects.requireNonNull(channel);
    }

    @Override
    public void open() throws Exception {
      connect(fresh -> {
        var _ = new SessionFactory(context(fresh)).open(fresh, route, SessionHarness.HANDOFF);
      });
    }

    private void connect(Consumer<EmbeddedChannel> equip) throws Exception {
      EmbeddedChannel fresh = SessionHarness.channel(equip);
      channel = fresh;
      settle();
      fresh.register();
      settle();
    }

    /** Runs lane and loop until neither has anything to do. */
    private void settle() {
      do {
        channel().runPendingTasks();
      } while (lane != null && lane.step());
      out.append(SessionHarness.out(channel()));
    }

    @Override
    public void receive(String message) {
      channel().writeInbound(Unpooled.copiedBuffer(message + "\n", StandardCharsets.UTF_8));
      settle();
    }

    @Override
    public void clientEnds() {
      channel().pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      settle();
    }

    @Override
    public void clientBreaks() {
      channel().pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
      settle();
    }

    @Override
    public void setWritable(boolean writable) {
      channel().unsafe().outboundBuffer().setUserDefinedWritability(1, writable);
      settle();
    }

    @Override
    public void advance(Duration time) {
      channel().advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
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
      return Objects.requireNonNull(counters).inFlight();
    }

    @Override
    public void move() throws Exception {
      WorkerContext from = Objects.requireNonNull(context);
      from.sessions().all().getFirst().freeze(this).begin();
      settle();
      SavedSession moving = Objects.requireNonNull(saved);
      connect(fresh -> {
        var _ =
            new SessionFactory(context(fresh))
                .resume(
                    fresh,
                    route,
                    SessionHarness.HANDOFF,
                    moving,
                    false,
                    failure -> assertThat(failure).isNull());
      });
    }

    @Override
    public void saved(OutgoingMigration migration) {
      assertThat(migration.seal()).isTrue();
      saved = SavedSession.decode(migration.state().orElseThrow().encode(SavedSession.READ));
      migration.moved();
    }

    @Override
    public void unsaved(OutgoingMigration migration, String reason) {
      throw new AssertionError(reason);
    }

    @Override
    public void over(OutgoingMigration migration) {}

    @Override
    public void close() {
      if (channel != null) {
        settle();
        channel.finishAndReleaseAll();
        settle();
      }
    }
  }
}
