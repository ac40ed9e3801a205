package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Flow.Phase;
import io.baton.config.Settings.RouteTimeouts;
import io.baton.config.Settings.Timeouts;
import io.baton.worker.NoLeaks;
import io.baton.worker.session.ConnectionTimeouts.Turn;
import io.baton.worker.time.Clock;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The timeouts alone, which a fake session tells whose turn it is. */
@ExtendWith(NoLeaks.class)
final class TurnsAndTimesTest implements ConnectionTimeouts.Owner {
  private static final long FIRST_BYTE = 11_000;
  private static final long HEADER = 12_000;
  private static final long READ = 13_000;
  private static final long IDLE = 14_000;
  private static final long RESPONSE = 9_000;
  private static final long WRITE = 16_000;

  /** Between two probes. */
  private static final long PROBE = 3_000;

  private static final String EACH =
      "first-byte-timeout = "
          + FIRST_BYTE
          + ", header-timeout = "
          + HEADER
          + ", read-timeout = "
          + READ
          + ", idle-timeout = "
          + IDLE
          + ", write-timeout = "
          + WRITE
          + ", response-timeout = "
          + RESPONSE;

  /** In milliseconds: where no idle-timeout is configured and the client has to speak. */
  private static final long CLIENTS_TURN = 75_000;

  private static final long FOREVER = TimeUnit.DAYS.toMillis(2);

  private final EmbeddedChannel channel = new EmbeddedChannel(new TakesNothing());
  private final List<String> told = new ArrayList<>();
  private Clock clock;
  private Turn turn = Turn.CLIENT;
  private Phase phase = Phase.IDLE;
  private boolean reading;
  private boolean activity = true;
  private boolean codecFails;
  private boolean senderWaits;
  private RouteTimeouts route = RouteTimeouts.NONE;

  TurnsAndTimesTest() {
    channel.freezeTime();
    clock = new Clock(channel.eventLoop());
  }

  /** As a kernel that has no room. */
  private static final class TakesNothing extends ChannelOutboundHandlerAdapter {
    @Override
    public void flush(ChannelHandlerContext ctx) {
      ChannelOutboundBuffer buffer = ctx.channel().unsafe().outboundBuffer();
      if (buffer != null) {
        buffer.addFlush();
      }
    }
  }

  @AfterEach
  void close() {
    channel.pipeline().remove(TakesNothing.class);
    channel.flush();
    channel.finishAndReleaseAll();
  }

  @Override
  public Timeouts timeouts(Timeouts usual) {
    return route.over(usual);
  }

  @Override
  public Turn turn() {
    return turn;
  }

  @Override
  public Phase phase() {
    if (codecFails) {
      throw new IllegalStateException("the codec's mistake");
    }
    return phase;
  }

  @Override
  public boolean takeActivity() {
    return activity;
  }

  @Override
  public boolean isReading() {
    return reading;
  }

  @Override
  public @Nullable ChannelOutboundBuffer unsentBuffer() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null || buffer.isEmpty() ? null : buffer;
  }

  @Override
  public void timedOut() {
    told.add("timed out");
  }

  @Override
  public void unanswered(long ms) {
    told.add("unanswered for " + ms / 1_000 + " s");
  }

  @Override
  public void probe() {
    told.add("probe");
  }

  @Override
  public void writeTimedOut() {
    told.add("write timed out");
  }

  @Override
  public boolean isAwaitedBySender() {
    return senderWaits;
  }

  @Override
  public void creditTimedOut() {
    told.add("credit timed out");
  }

  @Override
  public void codecFailed(RuntimeException cause) {
    told.add("codec failed");
  }

  private ConnectionTimeouts timeouts(String hocon, boolean clientSpeaks) {
    ConnectionTimeouts made =
        new ConnectionTimeouts(this, TestRoutes.options(hocon).session().timeouts(), clock);
    made.clientSpeaks(clientSpeaks);
    return made;
  }

  private ConnectionTimeouts begun(String hocon) {
    ConnectionTimeouts made = timeouts(hocon, false);
    made.begin();
    return made;
  }

  private void pass(long ms) {
    channel.advanceTimeBy(ms, TimeUnit.MILLISECONDS);
    channel.runPendingTasks();
  }

  private void assertTells(String what, long afterMs) {
    pass(afterMs - 1);
    assertThat(told).as("just before").isEmpty();
    pass(1 + Clock.TICK_MS);
    assertThat(told).containsExactly(what);
    pass(FOREVER);
    assertThat(told).as("said once").containsExactly(what);
  }

  private void assertNever() {
    pass(FOREVER);
    assertThat(told).isEmpty();
  }

  // ---- which time runs ----

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          NOBODY,       IDLE,
          NOBODY,       HEAD,
          NOBODY,       BODY,
          NOBODY,       ANSWER,
          NOBODY,       ASKED,
          SERVICE,      IDLE,
          SERVICE,      HEAD,
          SERVICE,      BODY,
          SERVICE,      ANSWER,
          CLIENT,       IDLE,   14000
          CLIENT,       HEAD,   12000
          CLIENT,       BODY,   13000
          CLIENT,       ANSWER,
          LAST_ANSWERS, IDLE,   14000
          LAST_ANSWERS, HEAD,   14000
          LAST_ANSWERS, BODY,   14000
          LAST_ANSWERS, ANSWER, 14000
          CLOSING,      IDLE,   14000
          CLOSING,      HEAD,   14000
          CLOSING,      BODY,   14000
          CLOSING,      ANSWER, 14000
          """)
  void eachTurnAndPhaseHasTheTimeOfTheTable(Turn of, Phase in, @Nullable Long ms) {
    ConnectionTimeouts timeouts = begun(EACH);
    pass(1_000);
    turn = of;
    phase = in;
    timeouts.read(false);
    if (ms == null) {
      assertNever();
    } else {
      assertTells("timed out", ms);
    }
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void aClientThatHasNotSpokenHasItsFirstBytesTimeWhileIdle(Phase in) {
    phase = in;
    var _ = begun(EACH);
    switch (in) {
      case IDLE -> assertTells("timed out", FIRST_BYTE);
      case BODY -> assertTells("timed out", READ);
      case ANSWER -> assertNever();
      case ASKED -> assertTells("unanswered for 9 s", RESPONSE);
      case HEAD -> assertTells("timed out", HEADER);
    }
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          false, CLIENT,
          false, LAST_ANSWERS,
          false, CLOSING,      75000
          true,  CLIENT,       75000
          true,  LAST_ANSWERS, 75000
          true,  CLOSING,      75000
          """)
  void withoutIdleTimeoutTheTimeDependsOnWhetherTheClientHasToSpeak(
      boolean clientSpeaks, Turn of, @Nullable Long ms) {
    turn = of;
    ConnectionTimeouts timeouts = timeouts("", clientSpeaks);
    timeouts.begin();
    if (ms == null) {
      assertNever();
    } else {
      assertTells("timed out", ms);
    }
  }

  @Test
  void zeroMeansNoTimeoutInEveryPhase() {
    ConnectionTimeouts timeouts =
        timeouts("first-byte-timeout = off, idle-timeout = off, response-timeout = off", true);
    timeouts.begin();
    for (Phase each : Phase.values()) {
      phase = each;
      timeouts.read(false);
      assertNever();
    }
  }

  @Test
  void aClosingIsBoundedThoughIdleTimeoutIsOff() {
    turn = Turn.CLOSING;
    var _ = begun("first-byte-timeout = off, idle-timeout = off");
    assertTells("timed out", CLIENTS_TURN);
  }

  @Test
  void firstByteTimeoutIsIdleTimeoutIfItIsAuto() {
    var _ = begun("idle-timeout = " + IDLE);
    assertTells("timed out", IDLE);
  }

  // ---- the service's time ----

  @ParameterizedTest
  @EnumSource(
      value = Turn.class,
      names = {"SERVICE", "CLIENT", "CLOSING"})
  void theServiceHasATimeToAnswerInFromTheEndOfTheRequest(Turn of) {
    ConnectionTimeouts timeouts = begun(EACH);
    phase = Phase.HEAD;
    timeouts.read(false);
    pass(5_000);
    turn = of;
    phase = Phase.ASKED;
    timeouts.received(clock.nanos());
    timeouts.read(true);
    assertTells("unanswered for 9 s", RESPONSE);
  }

  @Test
  void neitherMoreBytesNorItsReturnGiveAServiceMoreTimeToAnswer() {
    turn = Turn.SERVICE;
    phase = Phase.ASKED;
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.received(clock.nanos());
    timeouts.read(true);
    pass(3_000);
    timeouts.processed(clock.nanos());
    pass(3_000);
    timeouts.read(false); // of a request behind it
    assertTells("unanswered for 9 s", RESPONSE - 6_000);
  }

  @Test
  void anAnswerThatHasBegunMayTakeForEver() {
    turn = Turn.SERVICE;
    phase = Phase.ASKED;
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.received(clock.nanos());
    timeouts.read(true);
    pass(RESPONSE - 1_000);
    phase = Phase.ANSWER;
    timeouts.sent();
    assertNever();
  }

  @Test
  void unlessOneIsConfiguredAServiceHasNoTimeToAnswerIn() {
    turn = Turn.SERVICE;
    phase = Phase.ASKED;
    ConnectionTimeouts timeouts = begun("");
    timeouts.received(clock.nanos());
    timeouts.read(true);
    assertNever();
  }

  @Test
  void signsOfLifeDoNotEndASilence() {
    ConnectionTimeouts timeouts = begun("first-byte-timeout = 10s, idle-timeout = 10s");
    pass(5_000);
    timeouts.read(false);
    pass(9_000);
    activity = false;
    timeouts.read(false);
    assertThat(told).isEmpty();
    pass(1_000 + Clock.TICK_MS);
    assertThat(told).containsExactly("timed out");
  }

  @Test
  void aClientThatHasEndedItsSideIsProbedWhileItWaits() {
    turn = Turn.SERVICE;
    phase = Phase.ASKED;
    ConnectionTimeouts timeouts = begun("idle-timeout = 10s");
    timeouts.received(clock.nanos());
    timeouts.read(true);
    pass(FOREVER);
    assertThat(told).isEmpty();
    turn = Turn.LAST_ANSWERS;
    timeouts.turnChanged();
    pass(PROBE - 1);
    assertThat(told).as("just before").isEmpty();
    pass(1 + Clock.TICK_MS);
    assertThat(told).containsExactly("probe");
    for (int i = 0; i < 7; i++) {
      pass(1_000);
    }
    assertThat(told).startsWith("probe", "probe", "probe");
    assertThat(told.getLast()).startsWith("unanswered for ");
    assertThat(told).hasSize(4);
  }

  @Test
  void oneThatHasItsAnswerOrDoesNotTakeItIsNotProbed() {
    turn = Turn.LAST_ANSWERS;
    phase = Phase.ANSWER;
    ConnectionTimeouts timeouts = begun("idle-timeout = 10s, write-timeout = 20s");
    timeouts.turnChanged();
    pass(9_000);
    assertThat(told).isEmpty();
    phase = Phase.ASKED;
    write(100);
    timeouts.flushed();
    assertTells("write timed out", 20_000);
  }

  // ---- what begins a time anew ----

  @Test
  void bytesReadBeginIdleTimeAnew() {
    ConnectionTimeouts timeouts = begun(EACH);
    for (int i = 0; i < 5; i++) {
      pass(10_000);
      timeouts.read(false);
    }
    assertTells("timed out", IDLE);
  }

  @Test
  void bytesOfAHeadDoNotBeginItsTimeAnew() {
    ConnectionTimeouts timeouts = begun(EACH);
    phase = Phase.HEAD;
    timeouts.read(false);
    pass(HEADER - 2_000);
    timeouts.read(false);
    assertTells("timed out", 2_000);
  }

  @Test
  void aMessageHandedOutGivesTheHeadBehindItATimeOfItsOwn() {
    ConnectionTimeouts timeouts = begun(EACH);
    phase = Phase.HEAD;
    timeouts.read(false);
    pass(HEADER - 2_000);
    timeouts.received(clock.nanos());
    timeouts.read(true);
    assertTells("timed out", HEADER);
  }

  @Test
  void aHeadThatWasReadBeforeAPauseHasItsTimeFromTheNextBeginOn() {
    ConnectionTimeouts timeouts = begun(EACH);
    phase = Phase.HEAD;
    timeouts.read(false);
    timeouts.pause();
    pass(FOREVER);
    phase = Phase.IDLE;
    timeouts.begin();
    phase = Phase.HEAD;
    timeouts.read(false);
    assertTells("timed out", HEADER);
  }

  @Test
  void aProcessedMessageBeginsTheClientsTime() {
    turn = Turn.SERVICE;
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.read(true);
    pass(FOREVER);
    turn = Turn.CLIENT;
    timeouts.processed(clock.nanos());
    assertTells("timed out", IDLE);
  }

  @Test
  void whatIsSentOnTheClientsTurnBeginsIdleTimeAnew() {
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.read(false);
    pass(IDLE - 1_000);
    timeouts.sent();
    assertTells("timed out", IDLE);
  }

  @Test
  void aTurnThatChangesWithoutAnyBytesIsTimedFromThen() {
    turn = Turn.SERVICE;
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.read(false);
    pass(FOREVER);
    turn = Turn.CLIENT;
    phase = Phase.BODY;
    timeouts.turnChanged();
    assertTells("timed out", READ);
  }

  @Test
  void aTimeThatEndsWhileItIsTheServicesTurnIsForgotten() {
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.read(false);
    turn = Turn.SERVICE;
    pass(IDLE + 1_000);
    assertThat(told).isEmpty();
    turn = Turn.CLIENT;
    timeouts.turnChanged();
    assertTells("timed out", IDLE);
  }

  @Test
  void anAlarmThatWasSetForALaterTimeRingsEarlierIfThePhaseHasAShorterOne() {
    ConnectionTimeouts timeouts =
        begun("first-byte-timeout = off, header-timeout = 2s, idle-timeout = 100s");
    timeouts.read(false);
    pass(10_000);
    phase = Phase.HEAD;
    timeouts.read(false);
    assertTells("timed out", 2_000);
  }

  @Test
  void itKnowsWhenTheSessionWasLastActive() {
    ConnectionTimeouts timeouts = begun(EACH);
    pass(1_000);
    timeouts.read(false);
    assertThat(timeouts.lastActive()).isEqualTo(clock.nanos());
    pass(1_000);
    timeouts.received(clock.nanos());
    assertThat(timeouts.lastActive()).isEqualTo(clock.nanos());
  }

  @Test
  void theSessionIsActiveWithEachPieceOfALongAnswer() {
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.read(false);
    turn = Turn.SERVICE;
    phase = Phase.ANSWER;
    pass(1_000);
    timeouts.sent();
    assertThat(timeouts.lastActive()).isEqualTo(clock.nanos());
    assertThat(told).isEmpty();
  }

  // ---- what is settled later ----

  @Test
  void nothingIsPlannedWhileAReadIsHandedOutBecauseItsEndPlans() {
    ConnectionTimeouts timeouts = timeouts(EACH, false);
    reading = true;
    timeouts.received(clock.nanos());
    timeouts.processed(clock.nanos());
    timeouts.sent();
    timeouts.turnChanged();
    assertThat(timeouts.isSet()).isFalse();
    reading = false;
    timeouts.read(true);
    assertThat(timeouts.isSet()).isTrue();
  }

  @Test
  void nothingIsPlannedForWhatIsSentOnTheServicesTurn() {
    turn = Turn.SERVICE;
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.sent();
    timeouts.turnChanged();
    assertThat(timeouts.isSet()).isFalse();
  }

  // ---- pause, end, failure ----

  @Test
  void noTimeRunsBetweenPauseAndBegin() {
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.read(false);
    timeouts.pause();
    turn = Turn.NOBODY;
    pass(FOREVER);
    assertThat(told).isEmpty();
    turn = Turn.CLIENT;
    timeouts.begin();
    assertTells("timed out", IDLE);
  }

  @Test
  void noTimeRunsAfterTheEndWhateverHappens() {
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.end();
    timeouts.read(false);
    timeouts.processed(clock.nanos());
    timeouts.sent();
    timeouts.turnChanged();
    write(100);
    timeouts.flushed();
    assertNever();
  }

  @Test
  void aCodecThatThrowsWhenTheAlarmRingsHasFailed() {
    var _ = begun(EACH);
    codecFails = true;
    assertTells("codec failed", FIRST_BYTE);
  }

  // ---- the write timeout ----

  private void write(int bytes) {
    var _ = channel.write(Unpooled.buffer(bytes).writeZero(bytes));
    channel.flush();
  }

  /** The kernel takes so many bytes of the first buffer. */
  private void takes(int bytes) {
    Objects.requireNonNull(channel.unsafe().outboundBuffer()).removeBytes(bytes);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          NOBODY,       false
          SERVICE,      true
          CLIENT,       true
          LAST_ANSWERS, true
          CLOSING,      true
          """)
  void aClientThatTakesNothingIsTimedInEveryTurnButNobodys(Turn of, boolean timed) {
    for (Phase each : Phase.values()) {
      told.clear();
      turn = of;
      phase = each;
      ConnectionTimeouts timeouts = begun(EACH);
      write(100);
      timeouts.flushed();
      if (timed) {
        assertTells("write timed out", WRITE);
      } else {
        assertNever();
      }
      timeouts.end();
      takes(100);
    }
  }

  @Test
  void whileTheClientTakesNothingNoOtherTimeRuns() {
    ConnectionTimeouts timeouts =
        begun(
            "first-byte-timeout = 1s, header-timeout = 1s, read-timeout = 1s, idle-timeout = 1s, write-timeout = "
                + WRITE);
    write(100);
    timeouts.flushed();
    timeouts.read(false);
    assertTells("write timed out", WRITE);
  }

  @Test
  void aClientThatTakesALittleNowAndThenIsNotTimedOut() {
    turn = Turn.SERVICE;
    ConnectionTimeouts timeouts = begun(EACH);
    write(100);
    timeouts.flushed();
    for (int i = 0; i < 10; i++) {
      pass(WRITE / 2);
      takes(1);
    }
    pass(WRITE / 2);
    assertThat(told).isEmpty();
    pass(WRITE);
    assertThat(told).containsExactly("write timed out");
  }

  @Test
  void outputThatIsTakenMakesTheOtherTimesRunAnew() {
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.read(false);
    write(100);
    timeouts.flushed();
    pass(WRITE - 2_000);
    takes(100);
    pass(2_000);
    assertThat(told).isEmpty();
    pass(IDLE + WRITE); // looked for now and then: that late the idle time may begin
    assertThat(told).containsExactly("timed out");
  }

  @Test
  void moreOutputBehindThatWhichWaitsDoesNotBeginItsTimeAnew() {
    ConnectionTimeouts timeouts = begun(EACH);
    write(100);
    timeouts.flushed();
    pass(WRITE - 2_000);
    write(100);
    timeouts.flushed();
    assertTells("write timed out", 2_000);
  }

  @Test
  void outputThatIsTakenAtOnceIsNotTimed() {
    turn = Turn.SERVICE;
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.flushed();
    assertNever();
  }

  private static RouteTimeouts writing(long ms) {
    return new RouteTimeouts(
        RouteTimeouts.AS_LISTENER, RouteTimeouts.AS_LISTENER, ms, RouteTimeouts.AS_LISTENER);
  }

  @Test
  void aClientHasTheWriteTimeoutOfItsRoute() {
    route = writing(2_000);
    ConnectionTimeouts timeouts = begun("write-timeout = 1h");
    write(100);
    timeouts.flushed();
    assertTells("write timed out", 2_000);
  }

  @Test
  void theTimeForAnAnswerIsThatOfTheNextRouteOnceTheClientAsksThere() {
    ConnectionTimeouts timeouts = begun("write-timeout = 1h");
    write(100);
    timeouts.flushed();
    pass(60_000);
    route = writing(90_000);
    timeouts.read(false); // the next request
    assertTells("write timed out", 30_000);
  }

  @Test
  void anAnswerMayWaitForEverOnceTheClientIsAtARouteWithoutWriteTimeout() {
    ConnectionTimeouts timeouts = begun("write-timeout = 2s");
    write(100);
    timeouts.flushed();
    pass(1_000);
    route = writing(0);
    timeouts.read(false);
    assertNever();
  }

  @Test
  void aClientMayTakeNothingForEverIfWriteTimeoutIsOff() {
    turn = Turn.SERVICE;
    ConnectionTimeouts timeouts = begun("first-byte-timeout = off, idle-timeout = off");
    write(100);
    timeouts.flushed();
    assertNever();
  }

  @Test
  void whatWaitedOnAFormerCarrierIsNotTimedAfterAPause() {
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.read(false);
    write(100);
    timeouts.flushed();
    pass(WRITE - 1_000);
    timeouts.pause();
    takes(100);
    timeouts.begin();
    assertTells("timed out", IDLE);
  }

  // ---- what the codec keeps back ----

  @ParameterizedTest
  @EnumSource(
      value = Turn.class,
      names = {"SERVICE", "CLIENT"})
  void aClientThatGrantsNothingHasTheWriteTimeoutWhileASenderWaits(Turn of) {
    turn = of;
    phase = Phase.ANSWER;
    ConnectionTimeouts timeouts = begun(EACH);
    senderWaits = true;
    timeouts.keepsBack(2_000, true);
    pass(WRITE - 1_000);
    timeouts.keepsBack(1_999, true); // it has taken something
    pass(1_000);
    timeouts.keepsBack(3_000, true); // it has not
    pass(WRITE - 1_001);
    assertThat(told).as("just before").isEmpty();
    pass(1 + Clock.TICK_MS);
    assertThat(told).containsExactly("credit timed out");
  }

  @Test
  void aClientThatGrantsNothingHasAllTheTimeItWantsWhileNoSenderWaits() {
    turn = Turn.SERVICE;
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.keepsBack(2_000, true);
    assertNever();
    senderWaits = true;
    pass(WRITE + Clock.TICK_MS);
    assertThat(told).first().isEqualTo("credit timed out");
  }

  @Test
  void noTimeRunsForLittleThatIsKeptBackNorWithoutAWriteTimeoutNorOnceItHasGone() {
    turn = Turn.SERVICE;
    senderWaits = true;
    begun(EACH).keepsBack(2_000, false);
    begun("write-timeout = off").keepsBack(2_000, true);
    ConnectionTimeouts timeouts = begun(EACH);
    timeouts.keepsBack(2_000, true);
    timeouts.keepsBack(100, false);
    ConnectionTimeouts paused = begun(EACH);
    paused.keepsBack(2_000, true);
    paused.pause();
    assertNever();
  }
}
