package io.baton.manager;

import static io.baton.manager.AskedWorkers.ONE;
import static io.baton.manager.AskedWorkers.OTHER;
import static io.baton.manager.AskedWorkers.SESSION;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.admin.SessionAnswer;
import io.baton.manager.fleet.LivingWorker;
import io.baton.pipe.Message.DescribeSession;
import io.baton.pipe.Message.SessionDescribed;
import io.baton.pipe.SessionRef;
import io.baton.service.SessionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SessionQueriesTest {
  private static final SessionRef KEY = new SessionRef.ByKey(new SessionKey(1, 2));

  /** What workers were told, as {@code worker: request}. */
  private final List<String> told = new ArrayList<>();

  private final SessionQueries queries = new SessionQueries(this::tell);

  private void tell(long worker, DescribeSession question) {
    assertThat(question.session()).isEqualTo(KEY);
    told.add(worker + ": " + question.request());
  }

  private CompletableFuture<SessionAnswer> ask(LivingWorker... workers) throws Exception {
    CompletableFuture<SessionAnswer> answer = new CompletableFuture<>();
    queries.ask(KEY, false, List.of(workers), answer, 1_000);
    return answer;
  }

  private boolean answers(LivingWorker worker, long request, boolean here) throws Exception {
    return queries.answered(worker.id(), new SessionDescribed(request, here ? SESSION : null));
  }

  @Test
  void theWorkerThatHasTheSessionIsNotWaitedForByTheOthers() throws Exception {
    CompletableFuture<SessionAnswer> answer = ask(ONE, OTHER);
    assertThat(told).containsExactly("10: 1", "11: 1");
    assertThat(answers(OTHER, 1, true)).isTrue();
    assertThat(answer).isCompletedWithValue(new SessionAnswer.Found(KEY, OTHER, SESSION));
    assertThat(answers(ONE, 1, false)).as("an answer that comes later").isTrue();
  }

  @Test
  void aSessionThatNoWorkerHasIsUnknownAfterASecondRound() throws Exception {
    CompletableFuture<SessionAnswer> answer = ask(ONE, OTHER);
    assertThat(answers(OTHER, 1, false)).isTrue();
    assertThat(answers(ONE, 1, false)).isTrue();
    assertThat(told).containsExactly("10: 1", "11: 1", "10: 2", "11: 2");
    assertThat(answers(ONE, 2, false)).isTrue();
    assertThat(answer).isNotDone();
    assertThat(answers(OTHER, 2, false)).isTrue();
    assertThat(answer).isCompletedWithValue(new SessionAnswer.Unknown(KEY));
    assertThat(told).hasSize(4);
  }

  @Test
  void aSessionThatWasOnItsWayIsFoundInTheSecondRound() throws Exception {
    CompletableFuture<SessionAnswer> answer = ask(ONE, OTHER);
    assertThat(answers(ONE, 1, false)).isTrue();
    assertThat(answers(OTHER, 1, false)).isTrue();
    assertThat(answers(OTHER, 2, true)).isTrue();
    assertThat(answer).isCompletedWithValue(new SessionAnswer.Found(KEY, OTHER, SESSION));
  }

  @Test
  void aWorkerThatDoesNotAnswerInTimeIsNamed() throws Exception {
    CompletableFuture<SessionAnswer> answer = ask(ONE, OTHER);
    assertThat(answers(ONE, 1, false)).isTrue();
    queries.tick(1_000 + SessionQueries.ANSWER_MS - 1);
    assertThat(answer).isNotDone();
    queries.tick(1_000 + SessionQueries.ANSWER_MS);
    assertThat(answer)
        .isCompletedWithValue(
            new SessionAnswer.Unanswered(KEY, List.of(OTHER), SessionQueries.ANSWER_MS));
    assertThat(answers(OTHER, 1, true)).as("an answer that comes too late").isTrue();
  }

  @Test
  void aWorkerThatDiesIsNotWaitedForAndNotAskedAgain() throws Exception {
    CompletableFuture<SessionAnswer> answer = ask(ONE, OTHER);
    assertThat(answers(ONE, 1, false)).isTrue();
    queries.died(OTHER.id());
    assertThat(told).containsExactly("10: 1", "11: 1", "10: 2");
    queries.died(12);
    queries.died(ONE.id());
    assertThat(answer).isCompletedWithValue(new SessionAnswer.Unknown(KEY));
  }

  @Test
  void withoutWorkersNoSessionIsKnown() throws Exception {
    assertThat(ask()).isCompletedWithValue(new SessionAnswer.Unknown(KEY));
  }

  @Test
  void anAnswerThatNobodyHasAskedForIsNoAnswer() throws Exception {
    var _ = ask(ONE);
    assertThat(answers(OTHER, 1, false)).as("of a worker that was not asked").isFalse();
    assertThat(answers(ONE, 2, false)).as("to the next question").isFalse();
    assertThat(answers(ONE, 0, false)).as("to no question").isFalse();
    assertThat(answers(ONE, -1, false)).as("to no question").isFalse();
  }

  @Test
  void noMoreQuestionsAreOpenThanMayBe() throws Exception {
    for (int i = 0; i < SessionQueries.MAX_OPEN; i++) {
      assertThat(ask(ONE)).isNotDone();
    }
    assertThat(ask(ONE))
        .isCompletedWithValue(
            new SessionAnswer.Refused("the workers are asked for 16 other sessions; try again"));
    queries.tick(1_000 + SessionQueries.ANSWER_MS);
    assertThat(ask(ONE)).isNotDone();
  }

  @Test
  void theEndOfTheServerAnswersEveryQuestion() throws Exception {
    CompletableFuture<SessionAnswer> answer = ask(ONE);
    queries.end();
    assertThat(answer).isCompletedWithValue(new SessionAnswer.Refused("the server has ended"));
  }
}
