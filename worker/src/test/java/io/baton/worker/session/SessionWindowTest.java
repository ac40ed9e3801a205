package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings;
import io.baton.service.CloseReason;
import io.baton.worker.NoLeaks;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.memory.MemoryPressure;
import io.baton.worker.session.SessionState.Stage;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(NoLeaks.class)
final class SessionWindowTest implements SessionWindow.Owner {
  private static final int MESSAGES = 3;
  private static final int BYTES = 1_000;
  private static final long BUDGET = 1_000_000;

  private final List<String> told = new ArrayList<>();
  private final List<Runnable> soon = new ArrayList<>();
  private final ByteBudget budget = new ByteBudget(BUDGET);
  private final MemoryPressure memory =
      new MemoryPressure(budget, new Later(), List::of, () -> 1, new Unheard());
  private SessionState state = new SessionState(Stage.OPEN);
  private SessionOutput output = new KeptOutput(BYTES);
  private boolean laneHasRoom = true;
  private Runnable onResume = () -> {};
  private final SessionWindow window = window(0, BYTES);

  private SessionWindow window(int messages, int bytes) {
    SessionWindow made = new SessionWindow(this, memory, new Settings.Window(messages, bytes));
    made.limit(MESSAGES, null);
    return made;
  }

  /** Nothing happens later unless a test lets it. */
  private final class Later implements MemoryPressure.Scheduler {
    @Override
    public void soon(Runnable task) {
      soon.add(task);
    }

    @Override
    public void later(Runnable task, long ms) {}
  }

  private static final class Unheard implements MemoryPressure.Listener {
    @Override
    public void heldBack() {}

    @Override
    public void refused() {}

    @Override
    public void evicted() {}
  }

  // ---- the session ----

  @Override
  public SessionState state() {
    return state;
  }

  @Override
  public boolean laneHasRoom() {
    return laneHasRoom;
  }

  @Override
  public SessionOutput output() {
    return output;
  }

  @Override
  public long pending() {
    return output.pending();
  }

  @Override
  public void read(boolean on) {
    readFirst(on);
  }

  @Override
  public void readFirst(boolean on) {
    told.add(on ? "read" : "stop");
  }

  @Override
  public void keepsBack(int bytes) {
    told.add("keeps back " + bytes);
  }

  @Override
  public void resumeCodec() {
    told.add("resume");
    onResume.run();
  }

  @Override
  public void resumed(boolean first) {
    told.add("complete");
  }

  @Override
  public void rests() {}

  @Override
  public void settle() {
    told.add("settle");
  }

  @Override
  public void turnChanged() {
    told.add("turn");
  }

  @Override
  public void end(CloseReason why) {
    told.add("end " + why);
  }

  @Override
  public void endInTurn(CloseReason why) {
    told.add("end in turn " + why);
  }

  @Override
  public void abort(CloseReason why) {
    told.add("abort " + why);
  }

  /** A message is handed out and not processed. */
  private void handOut(SessionWindow to, int size) {
    assertThat(to.open()).isTrue();
    to.entered(size);
    to.handedOut();
  }

  private void fill() {
    for (int i = 0; i < MESSAGES; i++) {
      handOut(window, 1);
    }
  }

  /** The codec finds the window shut with a message in its hands. */
  private void waits() {
    assertThat(window.open()).isFalse();
    assertThat(told).containsExactly("stop");
    told.clear();
  }

  // ---- limits ----

  @Test
  void itIsOpenForAsManyMessagesAsTheCodecAllows() {
    fill();
    assertThat(window.open()).isFalse();
    window.left(1);
    assertThat(window.open()).isTrue();
  }

  @Test
  void aListenerMayAllowFewerMessagesThanTheCodecAndNotMore() {
    SessionWindow fewer = window(1, BYTES);
    handOut(fewer, 1);
    assertThat(fewer.open()).isFalse();

    SessionWindow more = window(MESSAGES + 1, BYTES);
    for (int i = 0; i < MESSAGES; i++) {
      handOut(more, 1);
    }
    assertThat(more.open()).isFalse();
  }

  @Test
  void itIsOpenUntilAsManyBytesAsAreAllowedAreUnprocessed() {
    handOut(window, BYTES - 1);
    handOut(window, 10 * BYTES); // whatever the size of one message
    assertThat(window.open()).isFalse();
    window.left(10 * BYTES);
    assertThat(window.open()).isTrue();
  }

  @Test
  void anotherProtocolSetsItsOwnLimitAndFindsTheWindowNotShut() {
    window.shut();
    window.limit(1, null);
    handOut(window, 1);
    assertThat(window.open()).isFalse();
  }

  // ---- open and shut ----

  @Test
  void aCodecsShutHoldsUntilItsReopen() {
    window.shut();
    waits();
    window.changed();
    assertThat(told).containsExactly("settle");
    told.clear();
    window.reopen();
    assertThat(told).containsExactly("resume", "complete", "read", "settle", "turn");
  }

  @Test
  void itIsQuietWithNothingUnprocessedAndNotShut() {
    assertThat(window.quiet()).isTrue();
    handOut(window, 0);
    assertThat(window.quiet()).isFalse();
    window.left(0);
    window.shut();
    assertThat(window.quiet()).isFalse();
    window.reopen();
    assertThat(window.quiet()).isTrue();
  }

  @Test
  void readingStopsOnlyWhenTheWindowIsFoundShut() {
    fill();
    assertThat(told).isEmpty();
    waits();
  }

  @Test
  void aCodecThatBoundsItsClientIsReadOnWhileItsMessagesWait() {
    fill();
    assertThat(window.accepts()).isFalse();
    window.left(1);
    assertThat(told).containsExactly("resume", "complete", "read", "settle");
    told.clear();
    assertThat(window.accepts()).isTrue();
    handOut(window, 1);
    assertThat(window.accepts()).isFalse();
    window.freeze();
    window.thaw();
    assertThat(told).containsExactly("stop", "settle", "read");
  }

  @Test
  void readingThatStoppedForAMessageGoesOnWithTheNextThatIsHandedOut() {
    fill();
    waits();
    window.left(1);
    assertThat(window.accepts()).isTrue();
    told.clear();
    window.readUnlessStopped();
    assertThat(told).containsExactly("read");
  }

  @Test
  void itIsShutWhileTheLaneHasNoRoom() {
    laneHasRoom = false;
    waits();
    laneHasRoom = true;
    window.changed();
    assertThat(told).containsExactly("resume", "complete", "read", "settle");
  }

  @Test
  void itIsShutWhileTheClientTakesNothing() {
    EmbeddedChannel channel = new EmbeddedChannel(new TakesNothing());
    OutboundWriter writer = new OutboundWriter(channel, () -> {});
    output = writer;
    writer.beginBatch();
    int much = channel.config().getWriteBufferHighWaterMark() + 1;
    writer.write(Unpooled.buffer(much).writeZero(much));
    waits();

    channel.pipeline().remove(TakesNothing.class);
    channel.flush();
    window.changed();
    assertThat(told).containsExactly("resume", "complete", "read", "settle");
    channel.finishAndReleaseAll();
  }

  @Test
  void whatWasWrittenIsFlushedBeforeItIsShutForTheClientsSake() {
    EmbeddedChannel channel = new EmbeddedChannel();
    OutboundWriter writer = new OutboundWriter(channel, () -> {});
    output = writer;
    writer.beginBatch();
    int much = channel.config().getWriteBufferHighWaterMark() + 1;
    writer.write(Unpooled.buffer(much).writeZero(much));
    assertThat(writer.isWritable()).isFalse();
    assertThat(window.open()).isTrue();
    assertThat(writer.isWritable()).isTrue();
    channel.finishAndReleaseAll();
  }

  private static final class TakesNothing extends ChannelOutboundHandlerAdapter {
    @Override
    public void flush(ChannelHandlerContext ctx) {}
  }

  @ParameterizedTest
  @EnumSource(value = Stage.class, names = "OPEN", mode = EnumSource.Mode.EXCLUDE)
  void itIsShutInEveryStageButOpen(Stage stage) {
    state = new SessionState(stage);
    assertThat(window.open()).isFalse();
    window.changed();
    assertThat(told).doesNotContain("resume", "read");
  }

  @ParameterizedTest
  @EnumSource(
      value = Stage.class,
      names = {"ENDING", "ENDED"})
  void aSessionThatIsOverStopsNoReadingForThatIsTheClosings(Stage stage) {
    state = new SessionState(stage);
    assertThat(window.open()).isFalse();
    window.changed();
    window.holdBack();
    assertThat(told).isEmpty();
  }

  // ---- handing out ----

  @Test
  void theCodecThatWaitsIsResumedWhenAMessageIsProcessed() {
    fill();
    waits();
    window.left(1);
    assertThat(told).containsExactly("resume", "complete", "read", "settle");
  }

  @Test
  void aCodecThatDoesNotWaitIsNotResumed() {
    fill();
    window.left(1);
    assertThat(told).containsExactly("settle");
  }

  @Test
  void theCodecIsNotCalledWhileAMessageIsHandedOut() {
    handOut(window, 1);
    handOut(window, 1);
    assertThat(window.open()).isTrue();
    window.entered(1);
    assertThat(window.open()).isFalse();
    told.clear();
    window.left(1); // within the lane, which handedOut() follows
    assertThat(told).isEmpty();
    window.handedOut();
    assertThat(window.open()).as("the codec's own loop asks again").isTrue();
  }

  @Test
  void theCodecIsNotResumedWithinItself() {
    fill();
    waits();
    onResume =
        () -> {
          handOut(window, 1);
          window.changed();
        };
    window.left(1);
    assertThat(told).containsExactly("resume", "complete", "read", "settle");
  }

  @Test
  void theCodecIsResumedAgainAndAgainWhileItWaitsAndTheWindowIsOpen() {
    fill();
    waits();
    List<Integer> resumed = new ArrayList<>();
    onResume =
        () -> {
          resumed.add(1);
          if (resumed.size() < 3) {
            handOut(window, 1);
            assertThat(window.open()).isFalse(); // one more is in its hands
            window.left(1);
          }
        };
    window.left(1);
    assertThat(resumed).hasSize(3);
    assertThat(told)
        .containsExactly(
            "resume",
            "stop",
            "complete",
            "resume",
            "stop",
            "complete",
            "resume",
            "complete",
            "read",
            "settle");
  }

  @Test
  void aSessionThatEndsWhileItsCodecResumesIsLeftAlone() {
    fill();
    waits();
    onResume = () -> state.end(CloseReason.SERVICE);
    window.left(1);
    assertThat(told).containsExactly("resume", "complete");
  }

  // ---- frozen ----

  @Test
  void nothingIsReadOrHandedOutWhileFrozen() {
    window.freeze();
    assertThat(window.isFrozen()).isTrue();
    assertThat(told).containsExactly("stop");
    told.clear();
    waits();
    window.changed();
    window.readUnlessStopped();
    assertThat(told).containsExactly("settle");
  }

  @Test
  void aThawResumesTheCodecThatWaitsAndReadsOn() {
    window.freeze();
    told.clear();
    waits();
    window.thaw();
    assertThat(window.isFrozen()).isFalse();
    assertThat(told).containsExactly("resume", "complete", "read", "settle", "read");
  }

  @Test
  void aThawReadsOnThoughNoCodecWaits() {
    window.freeze();
    told.clear();
    window.thaw();
    assertThat(told).containsExactly("settle", "read");
  }

  // ---- held back ----

  @Test
  void aSessionHeldBackIsNotReadAndHandsOutWhatIsHere() {
    window.holdBack();
    assertThat(window.isHeldBack()).isTrue();
    assertThat(told).containsExactly("stop");
    handOut(window, 1);
    window.thaw();
    assertThat(told).doesNotContain("read");
  }

  @Test
  void aSessionHeldBackIsReadAgainWhenThereIsMemory() {
    window.holdBack();
    told.clear();
    window.readOn();
    assertThat(window.isHeldBack()).isFalse();
    assertThat(told).containsExactly("read", "turn");
  }

  @Test
  void aSessionWhoseCodecWaitsIsNotReadThoughThereIsMemory() {
    fill();
    window.holdBack();
    told.clear();
    waits();
    window.readOn();
    assertThat(told).containsExactly("turn");
  }

  @Test
  void aCodecThatHoldsMuchWhileMemoryIsTightIsHeldBack() {
    budget.add(BUDGET * 3 / 4);
    window.holds(20_000);
    assertThat(window.isHeldBack()).isTrue();
  }

  // ---- memory ----

  @Test
  void inputAndUnprocessedMessagesAreBookedAndTakenBack() {
    window.holds(500);
    handOut(window, 100);
    assertThat(budget.held()).isEqualTo(600);
    window.holds(200);
    window.left(100);
    assertThat(budget.held()).isEqualTo(200);
    window.ended();
    assertThat(budget.held()).isZero();
  }

  @Test
  void itHoldsInputMessagesAndOutputAndCouldReleaseAllButTheMessages() {
    window.holds(500);
    handOut(window, 100);
    output.write("four");
    int pending = MessageSize.pending("four");
    assertThat(window.held()).isEqualTo(500 + 100 + pending);
    assertThat(window.releasable()).isEqualTo(500 + pending);
  }

  @Test
  void aLongMessageIsAdmittedWhileThereIsMemory() {
    assertThat(window.admits(BUDGET / 2)).isTrue();
    budget.add(BUDGET * 85 / 100);
    assertThat(window.admits(BUDGET / 2)).isFalse();
    assertThat(window.admits(100)).isTrue();
  }

  @Test
  void anEvictedSessionWithMuchInputEndsInTurn() {
    window.holds(500);
    window.evict();
    assertThat(told).containsExactly("end in turn LIMIT");
  }

  @Test
  void anEvictedSessionWithMuchOutputEndsWithoutWords() {
    output.write("x".repeat(500));
    window.holds(100);
    window.evict();
    assertThat(told).containsExactly("abort LIMIT");
  }

  @Test
  void anEvictedSessionThatIsEndingAlreadyIsAborted() {
    state.end(CloseReason.SERVICE);
    window.holds(500);
    window.evict();
    assertThat(told).containsExactly("abort LIMIT");
  }

  // ---- the codec's other wishes ----

  @Test
  void aCodecEndsItsSessionBehindTheMessagesThatWereHandedOut() {
    window.end(CloseReason.CLIENT);
    assertThat(told).containsExactly("end in turn CLIENT");
  }

  @Test
  void aCodecThatHoldsTheWindowShutEndsItsSessionAtOnce() {
    window.shut();
    window.end(CloseReason.CLIENT);
    assertThat(told).containsExactly("end CLIENT");
  }

  // ---- companions ----

  private SessionWindow.Share share() {
    return window.share(on -> told.add(on ? "read companion" : "stop companion"));
  }

  @Test
  void readingStopsOnTheConnectionOnlyWhoseCodecWaits() {
    SessionWindow.Share companion = share();
    laneHasRoom = false;
    assertThat(window.open()).isFalse();
    assertThat(told).containsExactly("stop");
    assertThat(companion.isRead()).isTrue();
    assertThat(companion.open()).isFalse();
    assertThat(told).containsExactly("stop", "stop companion");
    assertThat(companion.isRead()).isFalse();
    laneHasRoom = true;
    window.changed();
    assertThat(told)
        .containsExactly(
            "stop", "stop companion", "resume", "complete", "read", "read companion", "settle");
  }

  @Test
  void aMessageFromOneConnectionDoesNotLetAnotherOneWaitForEver() {
    SessionWindow.Share companion = share();
    laneHasRoom = false;
    assertThat(window.open()).isFalse();
    laneHasRoom = true;
    assertThat(companion.open()).isTrue();
    window.changed();
    assertThat(told).containsSubsequence("stop", "resume", "read");
  }

  @Test
  void nobodyWaitsForACompanionThatHasLeft() {
    SessionWindow.Share companion = share();
    laneHasRoom = false;
    assertThat(companion.open()).isFalse();
    companion.ended();
    laneHasRoom = true;
    window.changed();
    assertThat(told).containsExactly("stop companion", "settle");
  }

  @Test
  void aMoveStopsAllConnections() {
    SessionWindow.Share companion = share();
    window.freeze();
    assertThat(companion.isRead()).isFalse();
    window.thaw();
    assertThat(told).containsExactly("stop", "settle", "read", "read companion");
  }

  @Test
  void whatTheCodecKeepsBackOnAnyConnectionCounts() {
    SessionWindow.Share companion = share();
    window.keepsBack(10);
    companion.keepsBack(5);
    companion.ended();
    assertThat(told).containsExactly("keeps back 10", "keeps back 15", "keeps back 10");
  }
}
