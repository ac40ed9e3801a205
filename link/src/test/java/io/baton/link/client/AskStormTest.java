package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.Answer;
import io.baton.link.LinkSession;
import io.baton.link.core.MessageKind;
import io.baton.testing.Nightly;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Questions in both directions among cuts, cancellations, timeouts and lost sessions, chosen by
 * chance: each ends exactly once.
 */
class AskStormTest extends MemoryServerTest {
  private static final int STEPS = 150;

  private final Map<Integer, AtomicInteger> ends = new HashMap<>();
  private final Map<String, Integer> how = new HashMap<>();

  @Test
  void eachQuestionEndsExactlyOnce() throws Exception {
    int seeds = Nightly.of(1_000, 50);
    for (int seed = 0; seed < seeds; seed++) {
      storm(seed);
    }
    assertThat(how.keySet())
        .contains("answered", "LinkException", "TimeoutException", "CancellationException");
  }

  private void storm(int seed) throws Exception {
    Random random = new Random(seed);
    MemoryServer peer = new MemoryServer();
    Map<Long, Integer> open = new HashMap<>();
    peer.onMessage =
        (core, channel, kind, ask, number) -> {
          if (kind == MessageKind.ASK) {
            open.put(ask, number);
          } else if (kind == MessageKind.CANCEL) {
            assertThat(open.remove(ask)).describedAs("seed %d, ask %d", seed, ask).isNotNull();
          }
        };
    ConcurrentLinkedQueue<Answer<Note>> questions = new ConcurrentLinkedQueue<>();
    AtomicInteger cancelled = new AtomicInteger();
    AtomicInteger asked = new AtomicInteger();
    LinkSession<Note, Note> session =
        openAt(
            peer,
            new RecordingHandler() {
              @Override
              public void asked(
                  LinkSession<Note, Note> session, Note question, Answer<Note> answer) {
                asked.incrementAndGet();
                answer.onCancel(cancelled::incrementAndGet);
                questions.add(answer);
              }
            });
    List<CompletableFuture<Note>> answers = new ArrayList<>();
    ends.clear();
    AtomicInteger replied = new AtomicInteger();
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> answers.add(ask(session, answers.size(), 1 + random.nextInt(9)));
        case 3 ->
            peer.run(core -> {
              var each = open.entrySet().iterator();
              if (each.hasNext()) {
                var next = each.next();
                each.remove();
                core.reply(0, next.getKey(), 0, peer.bytes(next.getValue()));
              }
            });
        case 4 -> peer.cut();
        case 5 -> {
          if (!answers.isEmpty()) {
            answers.get(random.nextInt(answers.size())).cancel(false);
          }
        }
        case 6 -> peer.run(core -> core.ask(0, 0, peer.bytes(1)));
        default -> {
          advance(Duration.ofMillis(random.nextInt(400)));
          Answer<Note> answer = questions.poll();
          if (answer != null && answer.reply(Note.of(1))) {
            replied.incrementAndGet();
          }
        }
      }
    }
    if (random.nextBoolean()) {
      peer.forget();
    } else {
      session.close(18, "");
    }
    await(() -> {
      advance(Duration.ofSeconds(1));
      return answers.stream().allMatch(CompletableFuture::isDone);
    });
    await(() -> ends.values().stream().allMatch(each -> each.get() > 0));
    for (int i = 0; i < answers.size(); i++) {
      assertThat(ends.get(i)).describedAs("seed %d, question %d", seed, i).hasValue(1);
      count(answers.get(i), i, seed);
    }
    await(() -> {
      advance(
          Duration.ofSeconds(1)); // the client may still have to find out that the session is lost
      return replied.get() + cancelled.get() == asked.get();
    });
  }

  private CompletableFuture<Note> ask(LinkSession<Note, Note> session, int number, int seconds) {
    AtomicInteger ended = new AtomicInteger();
    ends.put(number, ended);
    CompletableFuture<Note> answer = session.ask(Note.of(number), Duration.ofSeconds(seconds));
    CompletableFuture<Note> _ = answer.whenComplete((note, failure) -> ended.incrementAndGet());
    return answer;
  }

  private void count(CompletableFuture<Note> answer, int number, int seed) {
    String outcome = "answered";
    if (answer.state() == CompletableFuture.State.SUCCESS) {
      assertThat(answer.resultNow()).describedAs("seed " + seed).isEqualTo(Note.of(number));
    } else {
      outcome =
          answer.isCancelled()
              ? "CancellationException"
              : answer.exceptionNow().getClass().getSimpleName();
    }
    how.merge(outcome, 1, Integer::sum);
  }
}
