package io.baton.worker.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.mesh.MeshMessage.Member;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The questions of a simulation for a topic's members. Nobody may be listed twice. In a calm life,
 * an answer that is whole names all that had the topic from the question to the answer, and nobody
 * who had it at no time in between, unless it had left the topic in a worker that has ended.
 */
final class SimulatedQuestions {
  private final boolean isCalm;
  private final Map<String, Integer> happened;
  private final Set<Question> open = new HashSet<>();

  /** Sessions that have left a topic, or ended, by the worker that knows. */
  private final Map<Long, Set<Long>> over = new HashMap<>();

  /** Those of which nobody knows. */
  private final Set<Long> forgotten = new HashSet<>();

  /** One of them, with those that have to be listed and those that may. */
  private static final class Question {
    final String topic;
    final Set<Long> must = new HashSet<>();
    final Set<Long> may = new HashSet<>();

    Question(String topic) {
      this.topic = topic;
    }
  }

  SimulatedQuestions(boolean isCalm, Map<String, Integer> happened) {
    this.isCalm = isCalm;
    this.happened = happened;
  }

  void ask(SimulatedWorker worker, String topic, Iterable<SimulatedSession> sessions) {
    Question question = new Question(topic);
    for (SimulatedSession each : sessions) {
      if (each.logs.containsKey(topic)) {
        question.must.add(each.id);
        question.may.add(each.id);
      }
    }
    open.add(question);
    worker.asked.add(question);
    worker.router.present(
        topic,
        members -> {
          assertThat(open.remove(question)).as("it is answered once").isTrue();
          check(question, members);
        });
  }

  private void check(Question question, PresentMembers answer) {
    List<Long> listed = new ArrayList<>();
    for (Member each : answer.members()) {
      listed.add(each.session());
    }
    assertThat(listed).doesNotHaveDuplicates();
    boolean isWhole = answer.silent() == 0 && answer.leftOut() == 0;
    happened.merge(isWhole ? "whole" : "not whole", 1, Integer::sum);
    if (isCalm && isWhole) {
      question.may.addAll(forgotten);
      assertThat(question.may).as("members of %s", question.topic).containsAll(listed);
      assertThat(listed).as("members of %s", question.topic).containsAll(question.must);
    }
  }

  void subscribed(SimulatedSession session, String topic) {
    for (Question each : open) {
      if (each.topic.equals(topic)) {
        each.may.add(session.id);
      }
    }
  }

  void unsubscribed(SimulatedSession session, String topic) {
    noteOver(session);
    for (Question each : open) {
      if (each.topic.equals(topic)) {
        each.must.remove(session.id);
      }
    }
  }

  private void noteOver(SimulatedSession session) {
    SimulatedWorker at = session.at;
    if (at != null) {
      over.computeIfAbsent(at.id, _ -> new HashSet<>()).add(session.id);
    }
  }

  void ended(SimulatedSession session) {
    noteOver(session);
    open.forEach(each -> each.must.remove(session.id));
  }

  /** A worker does not live to hear the answers. */
  void ended(SimulatedWorker worker) {
    open.removeAll(worker.asked);
    forgotten.addAll(over.getOrDefault(worker.id, Set.of()));
  }

  void end() {
    assertThat(open).as("questions that nobody has answered").isEmpty();
  }
}
