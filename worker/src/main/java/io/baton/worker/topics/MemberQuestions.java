package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Member;
import io.baton.mesh.MeshMessage.Members;
import io.baton.mesh.MeshMessage.Stay;
import io.baton.mesh.MeshMessage.Who;
import io.baton.worker.memory.MemoryAccount;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The members of topics, asked of all workers. Those of other machines may miss the question, or
 * their answers may be lost: they are silent then, as are those that cannot be reached.
 *
 * <p>Of a topic there is one question at a time, however many want to know: those who come while it
 * is being answered share the next one, because the answer may be older than what they know. All
 * workers of all machines may want to know at once, and each question costs an answer of each: so a
 * topic rests for {@value TopicLimits#REST_MS} ms before other machines are asked again.
 */
final class MemberQuestions {
  /** What a worker that has not answered takes, in bytes, about. */
  private static final long ASKED_BYTES = 64;

  private final MemberRecords records;
  private final Neighbours neighbours;
  private final MemoryAccount memory;
  private final TopicOutput output;

  /** The workers of other machines. */
  private final Set<Long> remote = new HashSet<>();

  /** Whether there may be other machines, and cannot be reached. */
  private boolean isApart;

  /** Until when some of them may be there and not heard of; they greet who has a connection. */
  private long greetedBy;

  private final Map<Long, Question> questions = new HashMap<>();

  /** The last one of each topic that is under way or rests. */
  private final Map<String, Question> byTopic = new HashMap<>();

  /** Those that were answered, in that order. */
  private final Deque<Question> resting = new ArrayDeque<>();

  private int askers;
  private long lastQuestion;
  private long nowMs;

  /** A question to all other workers. */
  private final class Question {
    final long number = ++lastQuestion;
    final String topic;
    final long endsAt = nowMs + TopicLimits.ANSWER_MS;
    final List<Consumer<PresentMembers>> askers;
    final List<Consumer<PresentMembers>> next = new ArrayList<>();

    /** Those that have not answered, and how many members each has named so far. */
    final Map<Long, Integer> asked = new HashMap<>();

    /** The best that is known of each session. */
    private final Map<Long, Member> members = new LinkedHashMap<>();

    private long bytes;
    private int silent;
    private int leftOut;
    private boolean isOfMachines;
    private long restsUntil;

    Question(String topic, List<Consumer<PresentMembers>> askers) {
      this.topic = topic;
      this.askers = askers;
    }

    void add(List<Member> more, int notAmongThem) {
      leftOut = sum(leftOut, notAmongThem);
      for (Member each : more) {
        Member known = members.get(each.session());
        if (known != null) {
          if (isBetter(each, known)) {
            members.put(each.session(), each);
          }
        } else if (members.size() < TopicLimits.MEMBERS && reserve(each)) {
          members.put(each.session(), each);
        } else if (each.stay() != Stay.ENDED) {
          leftOut = sum(leftOut, 1);
        }
      }
    }

    private boolean reserve(Member member) {
      return reserve(SubscriptionGraph.SUBSCRIPTION_BYTES + MemberRecords.bytes(member));
    }

    boolean reserve(long its) {
      boolean fits = memory.reserve(its);
      bytes += fits ? its : 0;
      return fits;
    }

    PresentMembers end() {
      memory.release(bytes);
      List<Member> all =
          members.values().stream().filter(each -> each.stay() != Stay.ENDED).toList();
      members.clear();
      return new PresentMembers(all, leftOut, silent + asked.size());
    }
  }

  MemberQuestions(
      MemberRecords records, Neighbours neighbours, MemoryAccount memory, TopicOutput output) {
    this.records = records;
    this.neighbours = neighbours;
    this.memory = memory;
    this.output = output;
  }

  /** Others may say any numbers. */
  private static int sum(int a, int b) {
    return (int) Math.min(Integer.MAX_VALUE, (long) a + b);
  }

  private static boolean isBetter(Member member, Member known) {
    return member.move() != known.move()
        ? member.move() > known.move()
        : member.stay().compareTo(known.stay()) > 0;
  }

  /**
   * Asks for the members of a topic.
   *
   * @param answer is called once: at once if no other worker has to be asked, or too many wait, and
   *     then names nobody; else within two {@link TopicLimits#ANSWER_MS}, and {@link
   *     TopicLimits#REST_MS} if there are other machines
   */
  void ask(String topic, Consumer<PresentMembers> answer) {
    if (askers == TopicLimits.ASKERS) {
      answer.accept(new PresentMembers(List.of(), 0, neighbours.all().size() + remote.size()));
      return;
    }
    askers++;
    Question earlier = byTopic.get(topic);
    if (earlier != null) {
      earlier.next.add(answer);
    } else {
      begin(topic, List.of(answer));
    }
  }

  private void begin(String topic, List<Consumer<PresentMembers>> askers) {
    Question question = new Question(topic, askers);
    boolean mayAsk = questions.size() + resting.size() < TopicLimits.QUESTIONS;
    for (long each : neighbours.all()) {
      if (each == neighbours.self()) {
        continue;
      }
      if (mayAsk && output.send(each, new Who(question.number, topic))) {
        question.asked.put(each, 0);
      } else {
        question.silent++;
      }
    }
    askMachines(question, mayAsk);
    MemberRecords.Listed here = records.of(topic);
    question.add(here.members(), here.leftOut());
    questions.put(question.number, question);
    byTopic.put(topic, question);
    endIfAnswered(question);
  }

  private void askMachines(Question question, boolean mayAsk) {
    if (isApart || (remote.isEmpty() && nowMs < greetedBy)) {
      question.silent += Math.max(1, remote.size()); // there may be some that nobody knows of
    } else if (!remote.isEmpty()) {
      boolean isAsked =
          mayAsk
              && question.reserve(remote.size() * ASKED_BYTES)
              && output.sendToMachines(new Who(question.number, question.topic));
      if (isAsked) {
        question.isOfMachines = true;
        remote.forEach(each -> question.asked.put(each, 0));
      } else {
        question.silent += remote.size();
      }
    }
  }

  private void endIfAnswered(Question question) {
    if (question.asked.isEmpty()) {
      end(question);
    }
  }

  private void end(Question question) {
    questions.remove(question.number);
    PresentMembers answer = question.end();
    askers -= question.askers.size();
    question.askers.forEach(each -> each.accept(answer));
    if (question.isOfMachines) {
      question.restsUntil = nowMs + TopicLimits.REST_MS;
      resting.add(question);
    } else {
      askNext(question);
    }
  }

  private void askNext(Question before) {
    byTopic.remove(before.topic);
    if (!before.next.isEmpty()) {
      begin(before.topic, List.copyOf(before.next));
    }
  }

  /** A neighbour has answered, perhaps too late. */
  void answered(long from, Members members) {
    Question question = questions.get(members.question());
    Integer before = question == null ? null : question.asked.get(from);
    if (question == null || before == null) {
      return;
    }
    int named = sum(before, members.members().size());
    question.asked.put(from, named);
    question.add(members.members(), 0);
    if (members.last()) {
      question.add(List.of(), Math.max(0, members.all() - named));
      question.asked.remove(from);
      endIfAnswered(question);
    }
  }

  /** There are other machines, or may be; {@link #connected} tells when they can be reached. */
  void cluster() {
    isApart = true;
  }

  void connected(boolean isUp) {
    isApart = !isUp;
    greetedBy = nowMs + TopicLimits.GREETED_MS;
  }

  /** There is a worker of another machine. */
  void appeared(long worker) {
    remote.add(worker);
  }

  /** It has ended, or is silent. */
  void vanished(long worker) {
    remote.remove(worker);
    died(worker);
  }

  /** A neighbour has died: some of its sessions may have gone elsewhere meanwhile. */
  void died(long neighbour) {
    for (Question each : List.copyOf(questions.values())) {
      if (each.asked.remove(neighbour) != null) {
        each.silent++;
        endIfAnswered(each);
      }
    }
  }

  void tick(long ms) {
    nowMs = ms;
    for (Question each : List.copyOf(questions.values())) {
      if (each.endsAt <= nowMs) {
        end(each);
      }
    }
    while (!resting.isEmpty() && resting.getFirst().restsUntil <= nowMs) {
      askNext(resting.removeFirst());
    }
  }

  /** Answers a question; what does not arrive is known to be left out by the number of all. */
  void answer(long from, Who who) {
    MemberRecords.Listed here = records.of(who.topic());
    List<Member> members = here.members();
    int start = 0;
    while (members.size() - start > MeshMessage.MAX_MEMBERS) {
      int end = start + MeshMessage.MAX_MEMBERS;
      List<Member> part = members.subList(start, end);
      output.send(from, new Members(who.question(), false, 0, part));
      start = end;
    }
    List<Member> rest = members.subList(start, members.size());
    int all = members.size() + here.leftOut();
    output.send(from, new Members(who.question(), true, all, rest));
  }
}
