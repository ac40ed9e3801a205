package io.baton.worker.topics;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Member;
import io.baton.mesh.MeshMessage.Stay;
import io.baton.worker.memory.LimitedMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is in a topic, asked of three workers whose messages arrive when the test says so. */
class MembersTest {
  private static final long SESSION = 100;

  private final Map<Long, Node> nodes = new HashMap<>();
  private final List<PresentMembers> answers = new ArrayList<>();
  private final Node a = new Node(1);
  private final Node b = new Node(2);
  private final Node c = new Node(3);

  /** A worker, and what others have sent to it. */
  private final class Node implements TopicOutput {
    final long id;
    final LimitedMemory memory = new LimitedMemory();
    final TopicRouter router;
    final Map<Long, Deque<MeshMessage>> inbox = new HashMap<>();
    final List<MeshMessage> toMachines = new ArrayList<>();
    boolean isFull;

    Node(long id) {
      this.id = id;
      router = new TopicRouter(id, id, 1, memory, this);
      nodes.put(id, this);
    }

    @Override
    public void deliver(long session, Publication publication) {
      router.handled(session, publication);
    }

    @Override
    public void missed(long session, String topic, long count) {
      router.handledMissed(session);
    }

    @Override
    public SessionFacts facts(long session) {
      return new SessionFacts("user of " + session, session % 2 == 1);
    }

    @Override
    public boolean send(long neighbour, MeshMessage message) {
      Node to = nodes.get(neighbour);
      if (isFull || to == null) {
        return false;
      }
      to.inbox.computeIfAbsent(id, _ -> new ArrayDeque<>()).add(message);
      return true;
    }

    @Override
    public boolean sendToMachines(MeshMessage message) {
      toMachines.add(message);
      return true;
    }

    void hears(Node from) {
      Deque<MeshMessage> messages = inbox.getOrDefault(from.id, new ArrayDeque<>());
      while (!messages.isEmpty()) {
        router.received(from.id, messages.remove());
      }
    }

    void asks() {
      router.present("room", answers::add);
    }
  }

  @BeforeEach
  void introduce() {
    for (Node each : nodes.values()) {
      for (Node other : nodes.values()) {
        if (each != other) {
          each.router.introduced(other.id);
        }
      }
    }
    allHear();
  }

  private void allHear() {
    for (int i = 0; i < 4; i++) {
      for (Node each : nodes.values()) {
        nodes.values().forEach(each::hears);
      }
    }
  }

  private void tick(long ms) {
    nodes.values().forEach(each -> each.router.tick(ms));
  }

  /** Moves the session, up to where the next worker has it and the former one has not heard. */
  private static void move(Node from, Node to) {
    from.router.freeze(SESSION);
    TopicPositions positions = requireNonNull(from.router.save(SESSION));
    from.router.departed(SESSION);
    to.router.resumed(SESSION, TopicPositions.decode(positions.encode()));
  }

  private PresentMembers answer() {
    assertThat(answers).hasSize(1);
    return answers.removeFirst();
  }

  private List<Long> listed() {
    PresentMembers answer = answer();
    assertThat(answer.silent() + answer.leftOut()).as("%s", answer).isZero();
    return answer.members().stream().map(Member::session).toList();
  }

  @Test
  void subscribersOfAllWorkersAreListedWithWhatTheySayAboutThemselves() {
    a.router.subscribe(1, "room", "Anna");
    b.router.subscribe(2, "room", "Ben");
    b.router.subscribe(2, "room", null); // which says nothing new
    c.router.subscribe(3, "room", null);
    c.router.subscribe(4, "hall", null);
    allHear();
    a.asks();
    allHear();
    assertThat(answer().members())
        .containsExactlyInAnyOrder(
            new Member(1, 0, Stay.HERE, true, "user of 1", "Anna"),
            new Member(2, 0, Stay.HERE, false, "user of 2", "Ben"),
            new Member(3, 0, Stay.HERE, true, "user of 3", ""));
    b.router.subscribe(2, "room", "Benjamin");
    a.asks();
    allHear();
    assertThat(answer().members()).extracting(Member::about).contains("Benjamin");
  }

  @Test
  void aMovingSessionIsListedOnceAtEachStep() {
    a.router.subscribe(SESSION, "room", "Anna");
    allHear();
    List<Runnable> steps =
        List.of(
            () -> a.router.freeze(SESSION),
            () -> assertThat(a.router.save(SESSION)).isNotNull(),
            () -> a.router.thaw(SESSION),
            () -> move(a, b),
            this::allHear,
            () -> move(b, a),
            this::allHear,
            () -> b.router.tick(TopicLimits.LEFT_MS));
    for (Runnable step : steps) {
      step.run();
      c.asks();
      a.hears(c);
      b.hears(c);
      c.hears(a);
      c.hears(b);
      PresentMembers answer = answer();
      assertThat(answer.members()).extracting(Member::session).containsExactly(SESSION);
      assertThat(answer.members()).extracting(Member::about).containsExactly("Anna");
    }
  }

  @Test
  void aSessionThatComesAfterItsNextWorkerHasAnsweredIsListedByItsFormerOne() {
    a.router.subscribe(SESSION, "room", null);
    allHear();
    c.asks();
    b.hears(c);
    move(a, b);
    c.hears(b);
    b.hears(c);
    a.hears(b);
    b.hears(a);
    a.hears(b); // has nothing left to forward
    assertThat(a.router.owes()).isFalse();
    allHear();
    assertThat(listed()).containsExactly(SESSION);
  }

  @Test
  void aSessionThatEndsSoonAfterItsMoveIsNotListedAnyMore() {
    a.router.subscribe(SESSION, "room", null);
    allHear();
    move(a, b);
    allHear();
    b.router.closed(SESSION);
    c.asks();
    allHear();
    assertThat(listed()).isEmpty();
    tick(TopicLimits.LEFT_MS);
    c.asks();
    allHear();
    assertThat(listed()).isEmpty();
  }

  @Test
  void aSessionThatGoesToAnotherMachineSoonAfterItsMoveIsListedThere() {
    a.router.subscribe(SESSION, "room", null);
    allHear();
    move(a, b);
    allHear();
    b.router.freeze(SESSION);
    TopicPositions positions = requireNonNull(b.router.save(SESSION)).forOtherMachine();
    b.router.given(SESSION);
    c.asks();
    allHear();
    assertThat(listed()).as("on its way").containsExactly(SESSION);

    c.router.arrived(SESSION, positions.move());
    c.router.subscribe(SESSION, "room", null);
    c.asks();
    allHear();
    assertThat(listed()).containsExactly(SESSION);
    c.router.closed(SESSION);
    c.asks();
    allHear();
    assertThat(listed()).isEmpty();
  }

  @Test
  void aSessionThatNeverArrivesAtTheOtherMachineIsListedForAWhile() {
    a.router.subscribe(SESSION, "room", null);
    a.router.freeze(SESSION);
    assertThat(a.router.save(SESSION)).isNotNull();
    a.router.given(SESSION);
    assertThat(a.router.owes()).as("nothing is forwarded to other machines").isFalse();
    tick(TopicLimits.LEFT_MS - 1);
    c.asks();
    allHear();
    assertThat(listed()).containsExactly(SESSION);
    tick(TopicLimits.LEFT_MS);
    c.asks();
    allHear();
    assertThat(listed()).isEmpty();
  }

  @Test
  void aSessionThatLeavesTheTopicSoonAfterItsMoveAndComesBackToItIsListed() {
    a.router.subscribe(SESSION, "room", null);
    allHear();
    move(a, b);
    b.router.unsubscribe(SESSION, "room");
    c.asks();
    allHear();
    assertThat(listed()).isEmpty();
    b.router.subscribe(SESSION, "room", null);
    c.asks();
    allHear();
    assertThat(listed()).containsExactly(SESSION);
  }

  @Test
  void aWorkerThatDoesNotAnswerInTimeIsSaidToBeSilent() {
    a.router.subscribe(1, "room", null);
    c.router.subscribe(3, "room", null);
    allHear();
    c.asks();
    a.hears(c);
    c.hears(a);
    tick(TopicLimits.ANSWER_MS - 1);
    assertThat(answers).isEmpty();
    tick(TopicLimits.ANSWER_MS);
    PresentMembers answer = answer();
    assertThat(answer.silent()).isEqualTo(1);
    assertThat(answer.members()).hasSize(2);
    allHear(); // the late answer is nobody's
    assertThat(answers).isEmpty();
  }

  @Test
  void aWorkerThatDiesOrCannotBeAskedIsSaidToBeSilent() {
    c.asks();
    c.hears(a);
    a.hears(c);
    c.hears(a);
    c.router.died(b.id);
    assertThat(answer().silent()).isEqualTo(1);
    c.isFull = true;
    c.asks();
    assertThat(answer().silent()).isEqualTo(1);
  }

  @Test
  void aWorkerToWhichTheLinkBeginsAnewIsSilentBecauseTheQuestionMayBeLost() {
    c.asks();
    c.hears(a);
    a.hears(c);
    c.hears(a);
    b.inbox.clear();
    c.router.reset(b.id);
    assertThat(answer().silent()).isEqualTo(1);
  }

  @Test
  void whoeverAsksWhileAQuestionIsUnderWaySharesTheNextOne() {
    c.asks();
    a.router.subscribe(1, "room", null);
    c.asks();
    c.asks();
    b.hears(c);
    a.hears(c);
    c.hears(a);
    c.hears(b);
    assertThat(answers).hasSize(1);
    assertThat(a.inbox.get(c.id)).filteredOn(each -> each instanceof MeshMessage.Who).hasSize(1);
    answers.clear();
    allHear();
    assertThat(answers).hasSize(2);
    assertThat(answers.getFirst()).isEqualTo(answers.getLast());
    answers.removeLast();
    assertThat(listed()).containsExactly(1L);
  }

  @Test
  void whoeverAsksWhileTooManyWaitIsToldAtOnceThatNobodyHasAnswered() {
    for (int i = 0; i < TopicLimits.ASKERS; i++) {
      c.asks();
    }
    assertThat(answers).isEmpty();
    c.asks();
    assertThat(answer()).isEqualTo(new PresentMembers(List.of(), 0, 3));
    allHear();
    assertThat(answers).hasSize(TopicLimits.ASKERS);
    answers.clear();
    c.asks();
    allHear();
    assertThat(listed()).isEmpty();
  }

  @Test
  void aRoomInWhichAllAskAllTheTimeCostsOtherMachinesFewQuestions() {
    long other = RemotePublications.number(1L << 40);
    c.router.cluster();
    c.router.connected(true);
    c.router.appeared(other);
    int answered = 0;
    for (int ms = 0; ms < 1_000; ms += 10) {
      c.router.tick(ms);
      for (int i = 0; i < 50; i++) {
        c.asks();
      }
      allHear();
      for (; answered < c.toMachines.size(); answered++) {
        long question = ((MeshMessage.Who) c.toMachines.get(answered)).question();
        c.router.heard(other, new MeshMessage.Members(question, true, 0, List.of()));
      }
    }
    assertThat(answered).isEqualTo(1_000 / (int) TopicLimits.REST_MS);
    c.router.tick(1_000 + TopicLimits.REST_MS);
    c.router.vanished(other);
    allHear();
    assertThat(answers).as("all have an answer").hasSize(50 * 100);
  }

  @Test
  void whateverOthersSayTheyHaveLeftOutNobodyIsLeftOutLessThanNoneAtAll() {
    c.asks();
    a.hears(c);
    b.hears(c);
    for (Node each : List.of(a, b)) {
      requireNonNull(c.inbox.get(each.id)).clear();
      c.router.received(each.id, new MeshMessage.Members(1, true, Integer.MAX_VALUE, List.of()));
    }
    assertThat(answer().leftOut()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void aPartOfAnAnswerThatIsLostIsKnownToBeLeftOut() {
    int most = MeshMessage.MAX_MEMBERS;
    for (int i = 0; i < 3 * most; i++) {
      a.router.subscribe(i, "room", null);
    }
    b.router.subscribe(3L * most, "room", null);
    c.asks();
    a.hears(c);
    b.hears(c);
    Deque<MeshMessage> answer = requireNonNull(c.inbox.get(a.id));
    answer.removeIf(each -> !(each instanceof MeshMessage.Members));
    assertThat(answer).hasSize(3);
    MeshMessage first = answer.removeFirst();
    answer.removeFirst();
    answer.addFirst(first);
    allHear();
    PresentMembers members = answer();
    assertThat(members.members()).hasSize(2 * most + 1);
    assertThat(members.leftOut()).isEqualTo(most);
    assertThat(members.silent()).isZero();
  }

  @Test
  void moreMembersThanAreListedAreCounted() {
    for (int i = 0; i < TopicLimits.MEMBERS; i++) {
      a.router.subscribe(i, "room", null);
      b.router.subscribe(TopicLimits.MEMBERS + i, "room", null);
    }
    b.router.subscribe(3 * TopicLimits.MEMBERS, "room", null);
    c.asks();
    allHear();
    PresentMembers answer = answer();
    assertThat(answer.members()).hasSize(TopicLimits.MEMBERS);
    assertThat(answer.leftOut()).isEqualTo(TopicLimits.MEMBERS + 1);
    assertThat(answer.silent()).isZero();
  }

  @Test
  void whatIsKeptOfFormerMembersIsForgotten() {
    a.router.subscribe(SESSION, "room", "Anna");
    allHear();
    c.asks(); // never answered
    long before = b.memory.held;
    move(a, b);
    allHear();
    b.router.closed(SESSION);
    assertThat(b.memory.held).isGreaterThan(before);
    tick(TopicLimits.ARRIVED_MS);
    assertThat(b.memory.held).isEqualTo(before);
    assertThat(c.memory.held).isEqualTo(before);
  }
}
