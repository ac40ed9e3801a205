package io.baton.worker.services;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Answer;
import io.baton.mesh.MeshMessage.Ask;
import io.baton.mesh.MeshMessage.Offers;
import io.baton.mesh.MeshMessage.Verdict;
import io.baton.mesh.MeshMessage.Withdraw;
import io.baton.mesh.MeshMessage.Withdrawn;
import io.baton.service.ServiceOffer;
import io.baton.worker.memory.LimitedMemory;
import io.baton.worker.services.RecordingServices.Sent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Services of a worker of machine 1, and of workers of machine 2, 20 and upwards. */
class RemoteWorkersTest {
  private static final long OTHER = 2;

  private final RecordingServices output = new RecordingServices();
  private final LimitedMemory memory = new LimitedMemory();
  private final ServiceRouter router = new ServiceRouter(1, 0, new Random(1), memory, output);
  private final RemoteWorkers remote = new RemoteWorkers(router, memory);
  private final List<String> outcomes = new ArrayList<>();
  private long nowMs;
  private long said;

  @BeforeEach
  void connect() {
    router.cluster(1);
    router.connected(true);
  }

  private void ask(@Nullable String key) {
    router.ask("a", key, new byte[1], 10_000, this::ended, nowMs);
  }

  private void ended(AskResult result) {
    outcomes.add(
        switch (result) {
          case AskResult.Answered its -> new String(its.content(), UTF_8);
          case AskResult.Unanswered its -> its.reason() + ": " + its.text();
        });
  }

  /** What a worker says next. */
  private Offers offers(int slot, boolean leaving) {
    return new Offers(++said, slot, leaving, 0, List.of("a"));
  }

  /** What this worker says for the n-th time. */
  private static Offers own(long n) {
    return new Offers(n, 0, false, 0, List.of("a"));
  }

  private void says(long worker, MeshMessage message) {
    remote.received(worker, message, nowMs);
  }

  private void offersOf(long worker, int slot) {
    remote.appeared(worker, OTHER);
    says(worker, offers(slot, false));
  }

  private void near(long worker, int load) {
    router.introduced(worker);
    router.received(worker, new Offers(++said, (int) worker, false, load, List.of("a")), nowMs);
  }

  private void pass(long ms) {
    nowMs += ms;
    router.tick(nowMs);
    remote.tick(nowMs);
  }

  /** Those that were asked since the last call. */
  private List<Long> asked() {
    return output.takeSent().stream()
        .filter(each -> each.message() instanceof Ask)
        .map(Sent::to)
        .toList();
  }

  @Test
  void aWorkerOfAnotherMachineAnswers() {
    offersOf(20, 1);
    assertThat(router.offers("a")).containsExactly(new ServiceOffer("2", 1, 0));
    ask("key");
    Sent sent = output.takeSent().getLast();
    assertThat(sent.to()).isEqualTo(20);
    Ask ask = (Ask) sent.message();
    says(20, new Answer(ask.question(), Verdict.ANSWERED, 0, "yes".getBytes(UTF_8)));
    assertThat(outcomes).containsExactly("yes");
  }

  @Test
  void aQuestionThatComesOnceMoreIsAnsweredOnce() {
    router.offer("a");
    router.open();
    remote.appeared(20, OTHER);
    for (long question : new long[] {7, 7, 8, 7, 8}) {
      says(20, new Ask(question, "a", null, 1_000, new byte[0]));
    }
    assertThat(output.accepted).hasSize(2);
  }

  @Test
  void aQuestionThatComesOnceMoreIsIgnoredAlsoAfterItsAskerWasTakenForDead() {
    router.offer("a");
    router.open();
    remote.appeared(20, OTHER);
    Ask question = new Ask(7, "a", null, 1_000, new byte[0]);
    says(20, question);
    remote.vanished(20);
    remote.appeared(20, OTHER);
    says(20, question);
    assertThat(output.accepted).hasSize(1);
    remote.vanished(20);
    remote.forgotten(20);
    remote.appeared(20, OTHER); // or somebody with its numbers, ten minutes later
    says(20, question);
    assertThat(output.accepted).hasSize(2);
  }

  @Test
  void aListOfOffersThatComesLateOrOnceMoreChangesNothing() {
    remote.appeared(20, OTHER);
    Offers former = new Offers(++said, 1, false, 0, List.of("a", "b"));
    says(20, former);
    Offers latest = new Offers(++said, 1, false, 3, List.of("a"));
    says(20, latest);
    says(20, former);
    assertThat(router.offers("a")).containsExactly(new ServiceOffer("2", 1, 3));
    assertThat(router.offers("b")).isEmpty();
    remote.vanished(20);
    remote.appeared(20, OTHER);
    says(20, former);
    says(20, latest);
    assertThat(router.offers("a")).isEmpty();
    says(20, offers(1, false));
    assertThat(router.offers("a")).hasSize(1);
  }

  @Test
  void aWorkerThatHasWithdrawnOffersNothingAnyMoreWhateverComesLate() {
    offersOf(20, 1);
    Offers late = offers(1, false);
    says(20, new Withdraw());
    says(20, late);
    pass(500);
    assertThat(output.takeSent()).containsExactly(new Sent(20, new Withdrawn()));
    says(20, late);
    assertThat(router.offers("a")).isEmpty();
  }

  @Test
  void whatIsOfferedIsSaidToNewcomersAndAgainEachSecond() {
    router.offer("a");
    router.open();
    assertThat(output.takeSent()).containsExactly(new Sent(RecordingServices.MACHINES, own(1)));
    remote.appeared(20, OTHER);
    assertThat(output.takeSent()).containsExactly(new Sent(20, own(2)));
    pass(1_000);
    pass(500);
    assertThat(output.takeSent()).containsExactly(new Sent(RecordingServices.MACHINES, own(3)));
  }

  @Test
  void withoutAKeyThisMachineIsAskedFirstUnlessItHasMuchToDo() {
    offersOf(20, 1);
    near(3, 100);
    for (int i = 0; i < 20; i++) {
      ask(null);
    }
    assertThat(asked()).containsOnly(3L);
    near(3, ServiceLimits.BUSY);
    for (int i = 0; i < 20; i++) {
      ask(null);
    }
    assertThat(asked()).contains(20L);
  }

  @Test
  void withAKeyAnyMachineMayBeAsked() {
    offersOf(20, 1);
    near(3, 0);
    for (int i = 0; i < 20; i++) {
      ask("key" + i);
    }
    assertThat(asked()).contains(3L, 20L);
  }

  @Test
  void withoutABrokerWhatOthersHoldEndsAtOnceAndWhatThisMachineHoldsGoesOn() {
    offersOf(20, 1);
    near(3, 0);
    for (int i = 0; i < 20; i++) {
      ask("key" + i);
    }
    List<Long> before = asked();
    router.connected(false);
    long elsewhere = before.stream().filter(each -> each == 20).count();
    assertThat(outcomes).hasSize((int) elsewhere).allMatch(each -> each.startsWith("GONE"));
    for (int i = 0; i < 20; i++) {
      ask("key" + i);
    }
    assertThat(asked()).hasSize(20 - (int) elsewhere).containsOnly(3L);
    assertThat(outcomes)
        .hasSize(2 * (int) elsewhere)
        .last()
        .isEqualTo(
            "GONE: worker 1 of machine 2 cannot be reached: there is no connection to the broker");
    ask(null);
    assertThat(asked()).containsExactly(3L);
    assertThat(router.offers("a")).containsExactly(new ServiceOffer(3, 0));
    router.connected(true);
    for (int i = 0; i < 20; i++) {
      ask("key" + i);
    }
    assertThat(asked()).isEqualTo(before);
  }

  @Test
  void whatTheBrokerHasNoRoomForIsTold() {
    offersOf(20, 1);
    output.full.add(20L);
    ask("key");
    assertThat(outcomes)
        .containsExactly(
            "OVERLOADED: too much waits for the broker, over which worker 1 of machine 2 is asked");
  }

  @Test
  void aSilentWorkerEndsWhatItWasAskedAndLosesItsKeys() {
    offersOf(20, 1);
    near(3, 0);
    for (int i = 0; i < 20; i++) {
      ask("key" + i);
    }
    remote.vanished(20);
    assertThat(outcomes)
        .isNotEmpty()
        .allMatch(each -> each.equals("GONE: worker 1 of machine 2 has ended, or is silent"));
    asked();
    for (int i = 0; i < 20; i++) {
      ask("key" + i);
    }
    assertThat(asked()).hasSize(20).containsOnly(3L);
  }

  @Test
  void aWithdrawalWaitsForTheSuccessorInTheSlot() {
    offersOf(20, 1);
    says(20, new Withdraw());
    says(20, new Withdraw());
    assertThat(output.takeSent()).isEmpty();
    ask(null);
    assertThat(asked()).containsExactly(20L);
    offersOf(21, 2); // of another slot
    assertThat(output.takeSent()).isEmpty();
    offersOf(22, 1);
    assertThat(output.takeSent()).containsExactly(new Sent(20, new Withdrawn()));
    says(20, new Withdraw()); // the answer was lost
    assertThat(output.takeSent()).containsExactly(new Sent(20, new Withdrawn()));
  }

  @Test
  void aWorkerThatIsFirstHeardWhenItLeavesIsAskedUntilItsSuccessorIsKnown() {
    remote.appeared(20, OTHER);
    says(20, offers(1, true));
    says(20, new Withdraw());
    ask(null);
    assertThat(asked()).containsExactly(20L);
    offersOf(22, 1);
    assertThat(output.takeSent()).containsExactly(new Sent(20, new Withdrawn()));
  }

  @Test
  void aWithdrawalWithoutASuccessorTakesEffectAfterHalfASecond() {
    offersOf(20, 1);
    says(20, offers(1, true));
    says(20, new Withdraw());
    pass(499);
    assertThat(output.takeSent()).isEmpty();
    pass(1);
    assertThat(output.takeSent()).containsExactly(new Sent(20, new Withdrawn()));
    ask(null);
    assertThat(outcomes).containsExactly("NOBODY: no worker offers this service");
  }

  @Test
  void aWithdrawalIsSaidAgainUntilAllHaveAnswered() {
    router.offer("a");
    router.open();
    remote.appeared(20, OTHER);
    remote.appeared(21, OTHER);
    output.takeSent();
    router.withdraw(nowMs);
    assertThat(output.takeSent())
        .containsExactly(new Sent(RecordingServices.MACHINES, new Withdraw()));
    says(20, new Withdrawn());
    pass(200);
    pass(100);
    assertThat(output.takeSent()).containsExactly(new Sent(21, new Withdraw()));
    assertThat(router.isIdle()).isFalse();
    says(21, new Withdrawn());
    assertThat(router.isIdle()).isTrue();
  }

  @Test
  void aWorkerThatWithdrawsDoesNotWaitForOthersThatItCannotReach() {
    router.offer("a");
    router.open();
    remote.appeared(20, OTHER);
    remote.appeared(21, OTHER);
    router.connected(false);
    router.withdraw(nowMs);
    assertThat(router.isIdle()).isTrue();
  }

  @Test
  void aWorkerThatHasWithdrawnWaitsNoLongerOnceTheConnectionIsLost() {
    router.offer("a");
    router.open();
    remote.appeared(20, OTHER);
    router.withdraw(nowMs);
    assertThat(router.isIdle()).isFalse();
    router.connected(false);
    assertThat(router.isIdle()).isTrue();
  }

  @Test
  void namesAreBookedAndIgnoredUntilThereIsMemory() {
    memory.limit = 100;
    offersOf(20, 1);
    assertThat(router.offers("a")).isEmpty();
    memory.limit = 1_000;
    says(20, offers(1, false));
    assertThat(router.offers("a")).hasSize(1);
    assertThat(memory.held).isPositive();
    remote.vanished(20);
    assertThat(memory.held).isZero();
  }
}
