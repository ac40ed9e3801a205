package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.codec.Protocol;
import io.baton.service.Cancellable;
import io.baton.service.CloseReason;
import io.baton.service.Draining;
import io.baton.service.Hold;
import io.baton.service.Peer;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.SessionId;
import io.baton.service.SessionKey;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.identity.Identity;
import io.baton.worker.lane.Strand;
import io.baton.worker.session.SessionState.Stage;
import io.baton.worker.time.Clock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The service's side of a session, with its lane in the test's hands and no loop side behind it.
 */
@ExtendWith(NoLeaks.class)
final class ServiceSessionTest implements ServiceSession.LoopSide {
  private static final int MAX_PENDING = 1_000;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final EventLoop loop = OwnedLoop.of(channel.eventLoop());
  private final StepLane lane = new StepLane();
  private final Strand strand = lane.strand(() -> {});
  private final OutboundQueue queue = new OutboundQueue(this);
  private final KeptOutput output = new KeptOutput(MAX_PENDING);
  private final Clock clock;

  /** What the loop side and the service were told, in the order of it. */
  private final List<String> told = new ArrayList<>();

  private final SessionState state = new SessionState(Stage.OPEN);
  private final TestService service = new TestService();
  private final ServiceSession<ByteBuf, ByteBuf> session =
      new ServiceSession<>(this, new Protocol<>("", new RawCodec(), this::made), state);
  private boolean takes = true;

  ServiceSessionTest() {
    channel.freezeTime();
    clock = new Clock(loop);
  }

  @AfterEach
  void close() {
    lane.run();
    channel.finishAndReleaseAll();
  }

  private Service<ByteBuf, ByteBuf> made() {
    told.add("made");
    return service;
  }

  private final class TestService implements Service<ByteBuf, ByteBuf>, Draining<ByteBuf> {
    boolean accepts = true;
    Consumer<Session<ByteBuf>> onOpened = _ -> {};
    BiConsumer<Session<ByteBuf>, ByteBuf> onReceived = (_, _) -> {};
    Runnable onSave = () -> {};
    Runnable onResumed = () -> {};

    @Override
    public boolean opened(Session<ByteBuf> opened) {
      assertThat(opened).isSameAs(session);
      told.add("opened");
      onOpened.accept(opened);
      return accepts;
    }

    @Override
    public void received(Session<ByteBuf> from, ByteBuf message) {
      told.add("received " + message.toString(StandardCharsets.US_ASCII));
      onReceived.accept(from, message);
    }

    @Override
    public void writable(Session<ByteBuf> from) {
      told.add("writable");
    }

    @Override
    public void draining(Session<ByteBuf> from) {
      told.add("draining");
    }

    @Override
    public void closed(Session<ByteBuf> from, CloseReason why) {
      told.add("closed " + why);
    }

    @Override
    public byte[] save(Session<ByteBuf> from) {
      told.add("save");
      onSave.run();
      return new byte[] {9};
    }

    @Override
    public void resumed(Session<ByteBuf> from, byte[] saved) {
      told.add("resumed " + saved.length);
      onResumed.run();
    }
  }

  // ---- the loop's side ----

  @Override
  public SessionId id() {
    return new SessionId(7);
  }

  @Override
  public @Nullable Peer via() {
    return null;
  }

  @Override
  public @Nullable SessionKey key() {
    return null;
  }

  @Override
  public List<X509Certificate> peerCertificates() {
    return List.of();
  }

  @Override
  public Identity identity() {
    return Identity.NONE;
  }

  @Override
  public Peer peer() {
    return new Peer.Unix(1, 2);
  }

  @Override
  public Strand strand() {
    return strand;
  }

  @Override
  public OutboundQueue queue() {
    return queue;
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public EventLoop loop() {
    return loop;
  }

  @Override
  public SessionOutput output() {
    return output;
  }

  @Override
  public int maxPendingBytes() {
    return MAX_PENDING;
  }

  @Override
  public void roomAgain() {
    told.add("room again");
  }

  @Override
  public boolean write(Object message) {
    assertThat(loop.inEventLoop()).isTrue();
    told.add("write " + ((ByteBuf) message).toString(StandardCharsets.US_ASCII));
    if (takes) {
      ((ByteBuf) message).release();
    }
    return takes;
  }

  @Override
  public void unmute() {
    throw new AssertionError("no client comes back");
  }

  @Override
  public void welcome(ServiceSession<?, ?> of) {
    throw new AssertionError("this codec does not welcome");
  }

  @Override
  public void processed(InboundMessage message) {
    told.add("processed");
  }

  @Override
  public void end(ServiceSession<?, ?> of, CloseReason why) {
    assertThat(loop.inEventLoop()).isTrue();
    assertThat(of).isSameAs(session);
    told.add("end " + why);
  }

  @Override
  public void fail(ServiceSession<?, ?> failed, Throwable cause) {
    assertThat(loop.inEventLoop()).isTrue();
    assertThat(failed).isSameAs(session);
    told.add("fail " + cause.getMessage());
  }

  @Override
  public void overflow(ServiceSession<?, ?> of) {
    assertThat(loop.inEventLoop()).isTrue();
    told.add("overflow");
  }

  @Override
  public void toldDraining(ServiceSession<?, ?> who) {
    told.add("told");
  }

  @Override
  public void cannotSave(Throwable cause) {
    told.add("cannot save: " + cause.getMessage());
  }

  @Override
  public void subscribe(ServiceSession<?, ?> of, String topic, @Nullable String about) {
    told.add("subscribe " + topic);
  }

  @Override
  public void unsubscribe(ServiceSession<?, ?> of, String topic) {
    told.add("unsubscribe " + topic);
  }

  // ---- what a test does ----

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  private void open() {
    strand.submit(session::open);
    lane.run();
    told.clear();
  }

  private void receives(String text) {
    strand.submit(new InboundMessage(session, bytes(text), 0));
  }

  private static void elsewhere(Runnable action) throws InterruptedException {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform().uncaughtExceptionHandler((_, e) -> failure.set(e)).start(action);
    thread.join();
    assertThat(failure.get()).isNull();
  }

  private static IllegalStateException mistake() {
    return new IllegalStateException("a mistake");
  }

  // ---- begin and end ----

  @Test
  void theServiceIsMadeAndOpenedInTheLane() {
    strand.submit(session::open);
    assertThat(told).isEmpty();
    lane.run();
    assertThat(told).containsExactly("made", "opened");
    assertThat(session.id()).isEqualTo(new SessionId(7));
    assertThat(session.peer()).isEqualTo(new Peer.Unix(1, 2));
  }

  @Test
  void aServiceThatRefusesItsClientHearsNothingMore() {
    service.accepts = false;
    strand.submit(session::open);
    receives("a");
    strand.submit(() -> session.tellClosed(CloseReason.SERVICE));
    lane.run();
    assertThat(told).containsExactly("made", "opened", "end SERVICE", "processed");
  }

  @Test
  void aServiceThatThrowsWhenItIsOpenedHearsNothingMore() {
    service.onOpened =
        _ -> {
          throw mistake();
        };
    strand.submit(session::open);
    receives("a");
    strand.submit(() -> session.tellClosed(CloseReason.ERROR));
    lane.run();
    assertThat(told).containsExactly("made", "opened", "fail a mistake", "processed");
  }

  @Test
  void aSessionThatEndedBeforeTheLaneCameToItIsNotOpened() {
    strand.submit(session::open);
    var _ = session.end(CloseReason.CLIENT);
    strand.submit(() -> session.tellClosed(CloseReason.CLIENT));
    lane.run();
    assertThat(told).isEmpty();
  }

  @Test
  void aSessionThatEndedBeforeTheLaneCameToItIsOpenedIfAMessageWasHandedOut() {
    strand.submit(session::open);
    receives("a");
    var _ = session.end(CloseReason.CLIENT);
    strand.submit(() -> session.tellClosed(CloseReason.CLIENT));
    lane.run();
    assertThat(told).containsExactly("made", "opened", "received a", "processed", "closed CLIENT");
  }

  @Test
  void theServiceHearsOfItsEndOnceAndOfNothingBehindIt() {
    open();
    strand.submit(() -> session.tellClosed(CloseReason.CLIENT));
    strand.submit(() -> session.tellClosed(CloseReason.ERROR));
    receives("late");
    strand.submit(session::tellWritable);
    lane.run();
    assertThat(told).containsExactly("closed CLIENT", "processed");
  }

  @Test
  void theFirstReasonToEndStands() {
    assertThat(session.end(CloseReason.CLIENT)).isEqualTo(CloseReason.CLIENT);
    assertThat(session.end(CloseReason.ERROR)).isEqualTo(CloseReason.CLIENT);
  }

  // ---- messages in ----

  @Test
  void aServiceThatThrowsReceivesNothingMoreAndHearsOfItsEnd() {
    open();
    service.onReceived =
        (_, _) -> {
          throw mistake();
        };
    receives("a");
    receives("b");
    strand.submit(() -> session.tellClosed(CloseReason.ERROR));
    lane.run();
    assertThat(told)
        .containsExactly("received a", "fail a mistake", "processed", "processed", "closed ERROR");
  }

  @Test
  void whatCodecAndServiceDoNotAgreeOnFailsAsTheCodecsMistake() {
    open();
    strand.submit(new InboundMessage(session, "no bytes", 0));
    lane.run();
    assertThat(told).hasSize(2).endsWith("processed");
    assertThat(told.getFirst()).startsWith("fail ");
  }

  @Test
  void aHeldMessageIsProcessedWhenItsHoldIsReleased() {
    open();
    List<Hold> holds = new ArrayList<>();
    service.onReceived = (from, _) -> holds.add(from.hold());
    receives("a");
    lane.run();
    assertThat(told).containsExactly("received a");
    holds.getFirst().release();
    assertThat(told).containsExactly("received a", "processed");
  }

  @Test
  void aHoldOutsideOfReceivedIsRefused() {
    open();
    assertThatThrownBy(session::hold)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("hold() outside of received()");
    strand.submit(() -> assertThatThrownBy(session::hold).hasMessageStartingWith("hold()"));
    lane.run();
    assertThat(told).isEmpty();
  }

  // ---- messages out ----

  @Test
  void aMessageSentOnTheLoopIsWrittenAtOnce() {
    assertThat(session.send(bytes("a"))).isTrue();
    assertThat(told).containsExactly("write a");
  }

  @Test
  void aMessageSentElsewhereIsWrittenOnTheLoop() throws Exception {
    elsewhere(() -> assertThat(session.send(bytes("a"))).isTrue());
    assertThat(told).isEmpty();
    assertThat(queue.isEmpty()).isFalse();
    channel.runPendingTasks();
    assertThat(told).containsExactly("write a");
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void aMessageSentOnTheLoopDoesNotOvertakeOneThatIsOnItsWay() throws Exception {
    elsewhere(() -> session.send(bytes("a")));
    assertThat(session.send(bytes("b"))).isTrue();
    channel.runPendingTasks();
    assertThat(told).containsExactly("write a", "write b");
  }

  @Test
  void aMessageThatIsNotTakenIsReleased() throws Exception {
    takes = false;
    ByteBuf here = bytes("a");
    assertThat(session.send(here)).isFalse();
    assertThat(here.refCnt()).isZero();
    ByteBuf there = bytes("b");
    elsewhere(() -> assertThat(session.send(there)).as("on its way").isTrue());
    channel.runPendingTasks();
    assertThat(there.refCnt()).isZero();
  }

  @Test
  void aMessageToASessionThatIsOverIsReleasedAndNotWritten() throws Exception {
    var _ = session.end(CloseReason.SERVICE);
    ByteBuf here = bytes("a");
    ByteBuf there = bytes("b");
    assertThat(session.send(here)).isFalse();
    elsewhere(() -> assertThat(session.send(there)).isFalse());
    channel.runPendingTasks();
    assertThat(told).isEmpty();
    assertThat(here.refCnt()).isZero();
    assertThat(there.refCnt()).isZero();
  }

  @Test
  void moreThanMaxPendingSentElsewhereOverflowsOnTheLoop() throws Exception {
    ByteBuf refused = bytes("y");
    elsewhere(() -> {
      assertThat(session.send(bytes("x".repeat(MAX_PENDING)))).isTrue();
      assertThat(session.send(refused)).isFalse();
    });
    assertThat(refused.refCnt()).isZero();
    assertThat(told).isEmpty();
    channel.runPendingTasks();
    assertThat(told).hasSize(2).endsWith("overflow");
  }

  // ---- room ----

  @Test
  void aSessionIsWritableUnlessItIsOver() {
    assertThat(session.writable()).isTrue();
    var _ = session.end(CloseReason.CLIENT);
    assertThat(session.writable()).isFalse();
  }

  @Test
  void theServiceHearsInTheLaneThatThereIsRoomUnlessItIsOver() {
    open();
    strand.submit(session::tellWritable);
    lane.run();
    assertThat(told).containsExactly("writable");
    strand.submit(session::tellWritable);
    var _ = session.end(CloseReason.CLIENT);
    lane.run();
    assertThat(told).containsExactly("writable");
  }

  // ---- close ----

  @Test
  void aCloseEndsTheSessionBehindWhatOtherThreadsHaveSent() throws Exception {
    elsewhere(() -> session.send(bytes("a")));
    session.close(CloseReason.SERVICE);
    assertThat(told).isEmpty();
    channel.runPendingTasks();
    assertThat(told).containsExactly("write a", "end SERVICE");
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void aCloseElsewhereEndsTheSessionOnTheLoopAndIsOnItsWayUntilThen() throws Exception {
    elsewhere(() -> session.close(CloseReason.SERVICE));
    assertThat(told).isEmpty();
    assertThat(queue.isEmpty()).as("the session does not move before").isFalse();
    channel.runPendingTasks();
    assertThat(told).containsExactly("end SERVICE");
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void aServiceThatHasClosedItsSessionReceivesNothingMore() {
    open();
    service.onReceived = (from, _) -> from.close(CloseReason.SERVICE);
    receives("a");
    receives("b");
    strand.submit(session::tellWritable);
    strand.submit(() -> session.tellClosed(CloseReason.SERVICE));
    lane.run();
    assertThat(told)
        .containsExactly("received a", "end SERVICE", "processed", "processed", "closed SERVICE");
  }

  // ---- timers ----

  private void pass(Duration time) {
    channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
    channel.runPendingTasks();
  }

  @Test
  void aTimerRunsInTheLane() {
    open();
    var _ = session.after(Duration.ofSeconds(1), () -> told.add("tick"));
    pass(Duration.ofSeconds(2));
    assertThat(told).isEmpty();
    lane.run();
    assertThat(told).containsExactly("tick");
  }

  @Test
  void aTimerSetElsewhereIsSetOnTheLoop() throws Exception {
    open();
    elsewhere(() -> session.after(Duration.ofSeconds(1), () -> told.add("tick")));
    channel.runPendingTasks();
    pass(Duration.ofSeconds(2));
    lane.run();
    assertThat(told).containsExactly("tick");
  }

  @Test
  void timersStopWithTheSessionAndCanBeCancelledBehindIt() {
    open();
    Cancellable timer = session.after(Duration.ofSeconds(1), () -> told.add("tick"));
    var _ = session.end(CloseReason.CLIENT);
    var _ = session.after(Duration.ofSeconds(1), () -> told.add("tick"));
    pass(Duration.ofSeconds(2));
    timer.cancel();
    lane.run();
    assertThat(told).isEmpty();
  }

  @Test
  void aTimerThatThrowsFailsTheSession() {
    open();
    var _ =
        session.after(
            Duration.ofSeconds(1),
            () -> {
              throw mistake();
            });
    pass(Duration.ofSeconds(2));
    lane.run();
    assertThat(told).containsExactly("fail a mistake");
  }

  // ---- draining ----

  @Test
  void theServiceIsToldOnceThatItsWorkerIsAboutToEndForWhatIsUnderWay() {
    open();
    assertThat(session.tellDraining()).as("it hears of it").isTrue();
    assertThat(session.tellDraining()).as("it still does").isTrue();
    lane.run();
    channel.runPendingTasks();
    assertThat(told).containsExactly("draining", "told");
    assertThat(session.tellDraining()).isFalse();
    session.rests();
    assertThat(session.tellDraining()).as("something else is under way").isTrue();
    lane.run();
    channel.runPendingTasks();
    assertThat(told).containsExactly("draining", "told", "draining", "told");
  }

  @Test
  void aServiceThatHasSavedIsToldOnceItGoesOn() {
    open();
    save();
    lane.run();
    told.clear();
    assertThat(session.tellDraining()).isTrue();
    lane.run();
    channel.runPendingTasks();
    assertThat(told).containsExactly("told");
    strand.submit(session::thaw);
    lane.run();
    assertThat(told).contains("draining");
  }

  @Test
  void whatTheServiceSendsWhenToldGoesOutBeforeTheGoodbye() throws Exception {
    open();
    elsewhere(() -> session.send(bytes("before")));
    assertThat(session.tellDraining()).isTrue();
    lane.run();
    assertThat(told).as("the other thread's is on its way").containsExactly("draining");
    channel.runPendingTasks();
    assertThat(told).last().isEqualTo("told");
  }

  // ---- save and thaw ----

  private void save() {
    session.save(saved -> told.add("saved " + saved.length), () -> told.add("cannot"));
    lane.run();
  }

  @Test
  void theServiceSavesInTheLaneBehindAllThatItWasGiven() {
    open();
    receives("a");
    save();
    assertThat(told).containsExactly("received a", "processed", "save", "saved 1");
    assertThat(session.serviceClass()).isEqualTo(TestService.class);
  }

  @Test
  void aSessionWithoutServiceOrOverHasNothingToSave() {
    save();
    assertThat(told).containsExactly("cannot");
    open();
    var _ = session.end(CloseReason.CLIENT);
    save();
    assertThat(told).containsExactly("cannot");
  }

  @Test
  void aServiceThatThrowsWhenItSavesIsReportedAndGoesOnWhenItIsThawed() {
    open();
    service.onSave =
        () -> {
          throw mistake();
        };
    save();
    assertThat(told).containsExactly("save", "cannot save: a mistake", "cannot");
    told.clear();
    strand.submit(session::thaw);
    strand.submit(session::tellWritable);
    lane.run();
    assertThat(told).containsExactly("writable");
  }

  @Test
  void callbacksWaitFromTheSaveToTheThawAndRunThenInOrder() {
    open();
    var _ = session.after(Duration.ofSeconds(1), () -> told.add("tick"));
    save();
    told.clear();
    pass(Duration.ofSeconds(2));
    strand.submit(session::tellWritable);
    lane.run();
    assertThat(told).isEmpty();
    strand.submit(session::thaw);
    lane.run();
    assertThat(told).containsExactly("tick", "writable");
  }

  @Test
  void aSavedSessionStillSendsAndIsNotWritableUntilItIsThawed() {
    open();
    save();
    told.clear();
    assertThat(session.send(bytes("a"))).isTrue();
    assertThat(session.writable()).isFalse();
    strand.submit(session::thaw);
    lane.run();
    assertThat(told).containsExactly("write a", "room again");
    assertThat(session.writable()).isTrue();
  }

  @Test
  void aSavedSessionThatEndsTellsItsServiceWithoutTheCallbacksThatWaited() {
    open();
    save();
    strand.submit(session::tellWritable);
    lane.run();
    told.clear();
    var _ = session.end(CloseReason.MOVED);
    strand.submit(() -> session.tellClosed(CloseReason.MOVED));
    lane.run();
    assertThat(told).containsExactly("closed MOVED");
  }

  // ---- resume ----

  private void resume() {
    session.resume(
        ByteBuffer.wrap(new byte[] {1, 2}),
        failure -> {
          assertThat(loop.inEventLoop()).isTrue();
          told.add(failure == null ? "goes on" : "cannot: " + failure.getMessage());
        });
    lane.run();
  }

  @Test
  void aResumedServiceGoesOnWithoutBeingOpened() {
    resume();
    receives("a");
    strand.submit(() -> session.tellClosed(CloseReason.CLIENT));
    lane.run();
    assertThat(told)
        .containsExactly(
            "made", "resumed 2", "goes on", "received a", "processed", "closed CLIENT");
  }

  @Test
  void aServiceThatCannotResumeIsNotClosed() {
    service.onResumed =
        () -> {
          throw mistake();
        };
    resume();
    strand.submit(() -> session.tellClosed(CloseReason.MOVED));
    lane.run();
    assertThat(told).containsExactly("made", "resumed 2", "cannot: a mistake");
    assertThat(session.serviceClass()).isEqualTo(TestService.class);
  }

  @ParameterizedTest
  @EnumSource(CloseReason.class)
  void theServiceHearsEachReasonAsItIs(CloseReason why) {
    open();
    strand.submit(() -> session.tellClosed(why));
    lane.run();
    assertThat(told).containsExactly("closed " + why);
  }
}
