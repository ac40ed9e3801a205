package io.baton.manager;

import static io.baton.manager.AskedWorkers.ONE;
import static io.baton.manager.AskedWorkers.OTHER;
import static io.baton.manager.AskedWorkers.SESSION;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.admin.SessionList;
import io.baton.manager.admin.SessionsQuery;
import io.baton.manager.fleet.LivingWorker;
import io.baton.pipe.ListedSession;
import io.baton.pipe.Message.ListSessions;
import io.baton.pipe.Message.SessionsListed;
import io.baton.pipe.SessionFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SessionListsTest {
  /** What workers were told, as {@code worker: request after}. */
  private final List<String> told = new ArrayList<>();

  private final List<SessionFilter> filters = new ArrayList<>();
  private final SessionAges ages = new SessionAges();
  private final SessionLists lists = new SessionLists(this::tell);

  private void tell(long worker, ListSessions question) {
    told.add(worker + ": " + question.request() + " " + question.after());
    filters.add(question.filter());
  }

  private CompletableFuture<SessionList> ask(int limit, LivingWorker... workers) throws Exception {
    CompletableFuture<SessionList> answer = new CompletableFuture<>();
    SessionsQuery query = new SessionsQuery(SessionFilter.ALL, 0, limit);
    lists.ask(query, ages, List.of(workers), answer, 1_000);
    return answer;
  }

  private boolean answers(LivingWorker worker, long request, int matching, long... ids)
      throws Exception {
    List<ListedSession> sessions =
        LongStream.of(ids).mapToObj(id -> new ListedSession(id, null, 0, SESSION)).toList();
    return lists.answered(worker.id(), new SessionsListed(request, sessions, matching));
  }

  private static SessionList.Listed listed(CompletableFuture<SessionList> answer) {
    assertThat(answer).isDone();
    return (SessionList.Listed) answer.join();
  }

  private static List<Long> ids(SessionList.Listed list) {
    return list.rows().stream().map(row -> row.listed().id()).toList();
  }

  @Test
  void sessionsOfAllWorkersAreMergedTheOldestFirst() throws Exception {
    CompletableFuture<SessionList> answer = ask(10, ONE, OTHER);
    assertThat(told).containsExactly("10: 1 0", "11: 1 0");
    assertThat(answers(ONE, 1, 2, 3, 7)).isTrue();
    assertThat(answer).isNotDone();
    assertThat(answers(OTHER, 1, 2, 4, 5)).isTrue();
    SessionList.Listed list = listed(answer);
    assertThat(ids(list)).containsExactly(3L, 4L, 5L, 7L);
    assertThat(list.matching()).isEqualTo(4);
    assertThat(list.silent()).isEmpty();
    assertThat(list.rows().get(1).worker()).isEqualTo(OTHER);
  }

  @Test
  void aWorkerIsAskedForOnePacketAfterTheOtherUntilItHasSaidAll() throws Exception {
    CompletableFuture<SessionList> answer = ask(10, ONE);
    assertThat(answers(ONE, 1, 3, 1, 2)).isTrue();
    assertThat(told).containsExactly("10: 1 0", "10: 1 2");
    assertThat(answers(ONE, 1, 1, 3)).isTrue();
    assertThat(ids(listed(answer))).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aWorkerIsNotAskedForMoreThanIsWantedAndAllThatMatchAreCounted() throws Exception {
    CompletableFuture<SessionList> answer = ask(2, ONE, OTHER);
    assertThat(answers(ONE, 1, 50, 4, 5)).isTrue();
    assertThat(answers(OTHER, 1, 70, 1, 9)).isTrue();
    assertThat(told).hasSize(2);
    assertThat(ids(listed(answer))).containsExactly(1L, 4L);
    assertThat(listed(answer).matching()).isEqualTo(120);
  }

  @Test
  void aSessionThatIsInTwoAnswersBecauseItMovesIsListedOnce() throws Exception {
    CompletableFuture<SessionList> answer = ask(10, ONE, OTHER);
    assertThat(answers(ONE, 1, 1, 3)).isTrue();
    assertThat(answers(OTHER, 1, 1, 3)).isTrue();
    assertThat(ids(listed(answer))).containsExactly(3L);
  }

  @Test
  void aWorkerThatDoesNotAnswerInTimeIsNamedAndTheRestIsListed() throws Exception {
    CompletableFuture<SessionList> answer = ask(10, ONE, OTHER);
    assertThat(answers(ONE, 1, 1, 3)).isTrue();
    lists.tick(1_000 + SessionLists.ANSWER_MS - 1);
    assertThat(answer).isNotDone();
    lists.tick(1_000 + SessionLists.ANSWER_MS);
    assertThat(ids(listed(answer))).containsExactly(3L);
    assertThat(listed(answer).silent()).containsExactly(OTHER);
    assertThat(answers(OTHER, 1, 0)).as("an answer that comes too late").isTrue();
  }

  @Test
  void aWorkerThatDiesIsNotWaitedFor() throws Exception {
    CompletableFuture<SessionList> answer = ask(10, ONE, OTHER);
    assertThat(answers(ONE, 1, 1, 3)).isTrue();
    lists.died(OTHER.id());
    assertThat(ids(listed(answer))).containsExactly(3L);
  }

  @Test
  void withoutWorkersThereAreNoSessions() throws Exception {
    assertThat(listed(ask(10)).rows()).isEmpty();
  }

  @Test
  void anAnswerThatNobodyHasAskedForOrThatDoesNotGoOnIsNoAnswer() throws Exception {
    var _ = ask(10, ONE);
    assertThat(answers(OTHER, 1, 0)).as("of a worker that was not asked").isFalse();
    assertThat(answers(ONE, 2, 0)).as("to the next question").isFalse();
    assertThat(answers(ONE, 0, 0)).as("to no question").isFalse();
    assertThat(answers(ONE, 1, 2)).as("nothing of what there is").isFalse();
    assertThat(answers(ONE, 1, 1, 1, 2)).as("more than there is").isFalse();
    assertThat(answers(ONE, 1, 2, 2, 1)).as("not in order").isFalse();
    assertThat(answers(ONE, 1, 3, 1, 2)).isTrue();
    assertThat(answers(ONE, 1, 1, 2)).as("the same again").isFalse();
  }

  @Test
  void ageIsAskedForAsTheLastIdThatWasGivenBefore() throws Exception {
    ages.sample(5, 100);
    ages.sample(9, 600);
    SessionsQuery query = new SessionsQuery(SessionFilter.ALL, 500, 10);
    lists.ask(query, ages, List.of(ONE), new CompletableFuture<>(), 1_000);
    assertThat(filters).extracting(SessionFilter::lastId).containsExactly(5L);
  }

  @Test
  void noMoreQuestionsAreOpenThanMayBe() throws Exception {
    for (int i = 0; i < SessionLists.MAX_OPEN; i++) {
      assertThat(ask(1, ONE)).isNotDone();
    }
    assertThat(ask(1, ONE)).isCompletedWithValueMatching(SessionList.Refused.class::isInstance);
    lists.end();
    assertThat(ask(1, ONE)).isNotDone();
  }
}
