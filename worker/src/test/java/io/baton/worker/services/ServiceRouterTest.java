package io.baton.worker.services;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.mesh.MeshMessage.Answer;
import io.baton.mesh.MeshMessage.Ask;
import io.baton.mesh.MeshMessage.Offers;
import io.baton.mesh.MeshMessage.Verdict;
import io.baton.mesh.MeshMessage.Withdraw;
import io.baton.mesh.MeshMessage.Withdrawn;
import io.baton.service.AskException.Reason;
import io.baton.service.ServiceOffer;
import io.baton.worker.memory.LimitedMemory;
import io.baton.worker.services.RecordingServices.Sent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ServiceRouterTest {
  private static final byte[] QUESTION = "?".getBytes(UTF_8);
  private static final byte[] NONE = {};

  private final RecordingServices output = new RecordingServices();
  private final LimitedMemory memory = new LimitedMemory();
  private final ServiceRouter router = new ServiceRouter(1, 0, new Random(1), memory, output);
  private final List<String> outcomes = new ArrayList<>();

  private void ask(String name, @Nullable String key) {
    router.ask(name, key, QUESTION, 1_000, this::ended, 0);
  }

  private void ended(AskResult result) {
    outcomes.add(
        switch (result) {
          case AskResult.Answered its -> new String(its.content(), UTF_8);
          case AskResult.Unanswered its -> its.reason() + ": " + its.text();
        });
  }

  private static Offers offers(int slot, String... names) {
    return new Offers(1, slot, false, 0, List.of(names));
  }

  /** What this worker says for the n-th time. */
  private static Offers own(long n, int load, String... names) {
    return new Offers(n, 0, false, load, List.of(names));
  }

  private void neighbour(long worker, Offers offers) {
    router.introduced(worker);
    router.received(worker, offers, 0);
    output.takeSent();
  }

  private Ask theAsk(long to) {
    List<Sent> sent = output.takeSent();
    assertThat(sent).hasSize(1);
    assertThat(sent.getFirst().to()).isEqualTo(to);
    return (Ask) sent.getFirst().message();
  }

  private void answer(long from, Ask ask, Verdict verdict, String text) {
    router.received(from, new Answer(ask.question(), verdict, 0, text.getBytes(UTF_8)), 0);
  }

  // ---- asking ----

  @Test
  void aQuestionNobodyOffersToAnswerEndsAtOnce() {
    ask("a", null);
    assertThat(outcomes).containsExactly("NOBODY: no worker offers this service");
    assertThat(memory.held).isZero();
  }

  @Test
  void anotherWorkerAnswers() {
    neighbour(2, offers(1, "a"));
    ask("a", "key");
    Ask ask = theAsk(2);
    assertThat(ask.name()).isEqualTo("a");
    assertThat(ask.key()).isEqualTo("key");
    assertThat(ask.timeoutMs()).isEqualTo(1_000);
    assertThat(outcomes).isEmpty();
    answer(2, ask, Verdict.ANSWERED, "yes");
    answer(2, ask, Verdict.ANSWERED, "again");
    router.tick(1_000);
    assertThat(outcomes).containsExactly("yes");
    assertThat(router.asking()).isZero();
    assertThat(memory.held).isZero();
  }

  @Test
  void aWorkerAnswersItsOwnQuestionOnceItIsOpen() {
    router.offer("a");
    ask("a", null);
    assertThat(outcomes).containsExactly("NOBODY: no worker offers this service");
    router.open();
    ask("a", null);
    router.answered(output.accepted.getFirst().number(), Verdict.ANSWERED, "yes".getBytes(UTF_8));
    assertThat(outcomes).last().isEqualTo("yes");
    assertThat(memory.held).isZero();
  }

  @Test
  void aQuestionEndsWhenItsTimeIsUpAndALaterAnswerIsIgnored() {
    neighbour(2, offers(1, "a"));
    ask("a", null);
    router.tick(999);
    assertThat(outcomes).isEmpty();
    router.tick(1_000);
    assertThat(outcomes).containsExactly("TIMEOUT: worker 1 has not answered in time");
    answer(2, theAsk(2), Verdict.ANSWERED, "late");
    assertThat(outcomes).hasSize(1);
  }

  @Test
  void questionsToAWorkerThatDiesEndAndTheNextGoesToAnother() {
    neighbour(2, offers(1, "a"));
    ask("a", "key");
    router.died(2);
    assertThat(outcomes).containsExactly("GONE: worker 1 has ended, or the link to it");
    ask("a", "key");
    assertThat(outcomes).last().isEqualTo("NOBODY: no worker offers this service");
    neighbour(3, offers(1, "a"));
    ask("a", "key");
    theAsk(3);
  }

  @Test
  void questionsInALinkThatBeginsAnewEndAndItsWorkerIsStillAsked() {
    open("own");
    neighbour(2, offers(1, "count"));
    output.takeSent();
    ask("count", null);
    Ask lost = theAsk(2);
    output.takeSent();
    router.reset(2);
    assertThat(outcomes)
        .containsExactly("GONE: worker 1 may not have got it: the link to it has begun anew");
    assertThat(output.takeSent())
        .extracting(RecordingServices.Sent::message)
        .satisfiesExactly(told -> assertThat(told).isInstanceOf(Offers.class));
    answer(2, lost, Verdict.ANSWERED, "late");
    assertThat(outcomes).hasSize(1);
    ask("count", null);
    answer(2, theAsk(2), Verdict.ANSWERED, "yes");
    assertThat(outcomes).endsWith("yes");
    assertThat(memory.held).isZero();
  }

  @Test
  void aWorkerThatHasWithdrawnSaysSoAgainWhenALinkBeginsAnew() {
    open("own");
    neighbour(2, offers(1, "count"));
    router.withdraw(0);
    output.takeSent();
    router.reset(2);
    assertThat(output.takeSent()).containsExactly(new RecordingServices.Sent(2, new Withdraw()));
    assertThat(router.isIdle()).isFalse();
    router.received(2, new Withdrawn(), 0);
    assertThat(router.isIdle()).isTrue();
  }

  @Test
  void whatAResponderHasThrownIsTold() {
    neighbour(2, offers(1, "a"));
    ask("a", null);
    answer(2, theAsk(2), Verdict.FAILED, "IllegalStateException: no");
    assertThat(outcomes).containsExactly("FAILED: IllegalStateException: no");
  }

  @Test
  void aWorkerThatHasTooMuchToDoOrWhoseLinkIsFullEndsTheAsk() {
    neighbour(2, offers(1, "a"));
    ask("a", null);
    answer(2, theAsk(2), Verdict.OVERLOADED, "");
    output.full.add(2L);
    ask("a", null);
    assertThat(outcomes)
        .containsExactly(
            "OVERLOADED: worker 1 has too much to do", "OVERLOADED: the link to worker 1 is full");
  }

  @Test
  void whenAWorkerDeclinesTheNextOneIsAsked() {
    neighbour(2, offers(1, "a"));
    neighbour(3, offers(2, "a"));
    ask("a", "key");
    Sent first = output.takeSent().getFirst();
    answer(first.to(), (Ask) first.message(), Verdict.DECLINED, "");
    Ask second = theAsk(first.to() == 2 ? 3 : 2);
    assertThat(outcomes).isEmpty();
    answer(first.to() == 2 ? 3 : 2, second, Verdict.ANSWERED, "yes");
    assertThat(outcomes).containsExactly("yes");
  }

  @Test
  void aDeclinedQuestionIsAskedAgainByAHigherNumberThanAnyBefore() {
    neighbour(2, offers(1, "a"));
    ask("a", null);
    Ask first = theAsk(2);
    neighbour(3, offers(2, "b"));
    ask("b", null);
    Ask second = theAsk(3);
    router.received(3, offers(2, "a", "b"), 0);
    answer(2, first, Verdict.DECLINED, "");
    Ask again = theAsk(3);
    assertThat(again.question()).isGreaterThan(second.question());
    assertThat(again.name()).isEqualTo("a");
    answer(2, first, Verdict.ANSWERED, "too late");
    answer(3, again, Verdict.ANSWERED, "yes");
    assertThat(outcomes).containsExactly("yes");
    assertThat(memory.held).isEqualTo(held(second));
  }

  private static long held(Ask question) {
    return ServiceLimits.OVERHEAD_BYTES + question.content().length;
  }

  @Test
  void aWorkerThatWithdrawsStaysForADeclinedQuestionThatIsAskedAgain() {
    neighbour(2, offers(1, "a"));
    ask("a", null);
    Ask first = theAsk(2);
    router.withdraw(0);
    neighbour(3, offers(2, "a"));
    answer(2, first, Verdict.DECLINED, "");
    assertThat(router.isIdle()).isFalse();
    answer(3, theAsk(3), Verdict.ANSWERED, "yes");
    assertThat(router.isIdle()).isTrue();
  }

  @Test
  void aQuestionThatAllDeclineEnds() {
    neighbour(2, offers(1, "a"));
    ask("a", null);
    answer(2, theAsk(2), Verdict.DECLINED, "");
    assertThat(outcomes).containsExactly("NOBODY: no worker offers this service");
  }

  @Test
  void questionsAreBoundedInNumberAndBytes() {
    neighbour(2, offers(1, "a"));
    for (int i = 0; i < ServiceLimits.ASKED; i++) {
      ask("a", null);
    }
    assertThat(outcomes).isEmpty();
    ask("a", null);
    assertThat(outcomes)
        .containsExactly("OVERLOADED: this worker has asked 4096 questions already");
    router.tick(1_000);
    assertThat(outcomes).hasSize(ServiceLimits.ASKED + 1);
    memory.limit = memory.held + 10;
    ask("a", null);
    assertThat(outcomes)
        .last()
        .isEqualTo("OVERLOADED: this worker has no memory left for questions");
  }

  @Test
  void withoutAKeyTheLessBusyIsAskedMoreOften() {
    neighbour(2, new Offers(1, 1, false, 100, List.of("a")));
    neighbour(3, new Offers(1, 2, false, 0, List.of("a")));
    for (int i = 0; i < 100; i++) {
      ask("a", null);
    }
    long toTheIdle = output.takeSent().stream().filter(each -> each.to() == 3).count();
    assertThat(toTheIdle).isBetween(60L, 95L); // three of four pairs have it
  }

  @Test
  void aWorkerThatEndsEndsItsAsks() {
    neighbour(2, offers(1, "a"));
    ask("a", null);
    router.close();
    assertThat(outcomes).containsExactly("GONE: this worker ends");
  }

  // ---- answering ----

  private void open(String name) {
    router.offer(name);
    router.open();
    router.introduced(2);
    output.takeSent();
  }

  private static Ask question(long number) {
    return new Ask(number, "a", null, 1_000, QUESTION);
  }

  private Answer theAnswer() {
    List<Sent> sent = output.takeSent();
    assertThat(sent).hasSize(1);
    return (Answer) sent.getFirst().message();
  }

  @Test
  void whatIsNotOfferedIsDeclined() {
    open("b");
    router.received(2, question(7), 0);
    assertThat(theAnswer().verdict()).isEqualTo(Verdict.DECLINED);
    assertThat(output.accepted).isEmpty();
  }

  @Test
  void moreThanAWorkerAnswersAtATimeIsRefused() {
    open("a");
    for (int i = 0; i < ServiceLimits.ANSWERED; i++) {
      router.received(2, question(i), 0);
    }
    assertThat(output.takeSent()).isEmpty();
    router.received(2, question(9_999), 0);
    Answer refusal = theAnswer();
    assertThat(refusal.verdict()).isEqualTo(Verdict.OVERLOADED);
    assertThat(refusal.load()).isEqualTo(ServiceLimits.ANSWERED);
  }

  @Test
  void anAnswerWaitsForRoomAndIsDroppedWhenItsTimeIsUp() {
    open("a");
    output.full.add(2L);
    for (int i = 0; i < 3; i++) {
      router.received(2, question(i), 500L * i);
      router.answered(output.accepted.get(i).number(), Verdict.ANSWERED, NONE);
    }
    assertThat(output.takeSent()).isEmpty();
    assertThat(router.answering()).isEqualTo(3);
    router.tick(1_000);
    assertThat(router.answering()).isEqualTo(2);
    output.takeSent(); // the load is told
    output.full.clear();
    router.writable(2);
    assertThat(output.takeSent().stream().map(each -> ((Answer) each.message()).question()))
        .containsExactly(1L, 2L);
    assertThat(router.answering()).isZero();
    assertThat(memory.held).isZero();
  }

  @Test
  void anAnswerForOneWhoHasDiedIsDropped() {
    open("a");
    router.received(2, question(1), 0);
    router.died(2);
    router.answered(output.accepted.getFirst().number(), Verdict.ANSWERED, NONE);
    assertThat(output.takeSent()).isEmpty();
    assertThat(memory.held).isZero();
  }

  // ---- coming and going ----

  @Test
  void othersAreToldOfOffersOnceTheWorkerIsOpen() {
    router.introduced(2);
    router.offer("a");
    assertThat(output.takeSent()).isEmpty();
    router.open();
    assertThat(output.takeSent()).containsExactly(new Sent(2, own(1, 0, "a")));
    router.introduced(3);
    assertThat(output.takeSent()).containsExactly(new Sent(3, own(2, 0, "a")));
    router.withdraw("a");
    assertThat(output.takeSent())
        .containsExactlyInAnyOrder(new Sent(2, own(3, 0)), new Sent(3, own(3, 0)));
  }

  @Test
  void aWorkerThatLeavesIsAskedIfNobodyElseIsThere() {
    neighbour(2, new Offers(1, 1, true, 0, List.of("a")));
    ask("a", null);
    theAsk(2);
    neighbour(3, offers(2, "a"));
    for (int i = 0; i < 20; i++) {
      ask("a", "key" + i);
      theAsk(3);
    }
  }

  @Test
  void aWorkerThatWithdrawsAnswersWhatItWasAskedBeforeAllKnow() {
    open("a");
    router.introduced(3);
    output.takeSent();
    router.received(2, question(1), 0);
    router.leave();
    assertThat(output.takeSent()).hasSize(2);
    router.withdraw(0);
    assertThat(output.takeSent())
        .containsExactlyInAnyOrder(new Sent(2, new Withdraw()), new Sent(3, new Withdraw()));
    router.withdraw(0);
    assertThat(output.takeSent()).isEmpty();
    router.received(2, question(2), 0);
    router.received(2, new Withdrawn(), 0);
    router.died(3);
    assertThat(router.isIdle()).isFalse();
    output.accepted.forEach(each -> router.answered(each.number(), Verdict.ANSWERED, NONE));
    assertThat(output.takeSent()).hasSize(2);
    assertThat(router.isIdle()).isTrue();
  }

  @Test
  void aWorkerThatWithdrawsStaysForTheOutcomesOfWhatItHadAsked() {
    neighbour(2, offers(1, "a"));
    ask("a", null);
    Ask early = theAsk(2);
    router.withdraw(0);
    assertThat(router.isIdle()).isFalse();
    ask("a", null);
    answer(2, early, Verdict.ANSWERED, "yes");
    assertThat(router.isIdle()).isTrue();
    router.close();
    assertThat(outcomes).containsExactly("yes", "GONE: this worker ends");
  }

  @Test
  void aWorkerOfAnotherMachineThatAppearsAfterAWithdrawalIsWaitedForToo() {
    router.cluster(1);
    router.connected(true);
    open("a");
    router.withdraw(0);
    router.received(2, new Withdrawn(), 0);
    assertThat(router.isIdle()).isTrue();
    output.takeSent();
    router.introduced(9, 2);
    assertThat(output.takeSent()).containsExactly(new Sent(9, new Withdraw()));
    assertThat(router.isIdle()).isFalse();
    router.received(9, new Withdrawn(), 0);
    assertThat(router.isIdle()).isTrue();
  }

  @Test
  void aStoppedWorkerHoldsUpOneThatWithdrawsForASecond() {
    open("a");
    router.withdraw(5_000);
    router.tick(5_900);
    assertThat(router.isIdle()).isFalse();
    router.tick(6_000);
    assertThat(router.isIdle()).isTrue();
  }

  @Test
  void whoHasBeenToldOfAWithdrawalAsksNoMore() {
    neighbour(2, offers(1, "a"));
    router.received(2, new Withdraw(), 0);
    assertThat(output.takeSent()).containsExactly(new Sent(2, new Withdrawn()));
    ask("a", null);
    assertThat(outcomes).containsExactly("NOBODY: no worker offers this service");
  }

  @Test
  void offersAreOnePerSlotInOrderAndEachChangeIsTold() {
    neighbour(9, offers(2, "a"));
    neighbour(8, new Offers(1, 1, false, 7, List.of("a", "b")));
    neighbour(10, offers(2, "a"));
    assertThat(router.offers("a")).containsExactly(new ServiceOffer(1, 7), new ServiceOffer(2, 0));
    assertThat(output.changed).containsExactlyInAnyOrder("a", "a", "b", "a");
    output.changed.clear();
    router.died(8);
    assertThat(output.changed).containsExactlyInAnyOrder("a", "b");
    assertThat(router.offers("b")).isEmpty();
  }

  @Test
  void anotherLoadIsToldOnceASecond() {
    open("a");
    router.received(2, question(1), 0);
    router.tick(900);
    assertThat(output.takeSent()).isEmpty();
    router.tick(1_000);
    assertThat(output.takeSent()).containsExactly(new Sent(2, own(3, 1, "a")));
    router.tick(2_500);
    assertThat(output.takeSent()).isEmpty();
  }

  @Test
  void anotherLoadIsToldToAllAlthoughANewcomerHasHeardOfIt() {
    open("a");
    router.received(2, question(1), 0);
    router.introduced(3);
    assertThat(output.takeSent()).containsExactly(new Sent(3, own(3, 1, "a")));
    router.tick(1_000);
    assertThat(output.takeSent())
        .containsExactlyInAnyOrder(new Sent(2, own(4, 1, "a")), new Sent(3, own(4, 1, "a")));
  }

  @Test
  void aWorkerThatSaysTheHighestLoadIsNotTakenForIdle() {
    neighbour(2, new Offers(1, 1, false, Integer.MAX_VALUE, List.of("a")));
    ask("a", null);
    neighbour(3, offers(2, "a"));
    output.takeSent();
    for (int i = 0; i < 20; i++) {
      ask("a", null);
    }
    assertThat(output.takeSent()).filteredOn(each -> each.to() == 3).hasSizeGreaterThan(10);
  }

  @Test
  void outcomesAreCounted() {
    ask("a", null);
    neighbour(2, offers(1, "a"));
    ask("a", null);
    answer(2, theAsk(2), Verdict.ANSWERED, "");
    assertThat(router.counters().answered()).isEqualTo(1);
    assertThat(router.counters().unanswered(Reason.NOBODY)).isEqualTo(1);
    assertThat(router.counters().unanswered(Reason.GONE)).isZero();
  }
}
