package io.baton.worker.services;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Answer;
import io.baton.mesh.MeshMessage.Ask;
import io.baton.mesh.MeshMessage.Offers;
import io.baton.mesh.MeshMessage.Verdict;
import io.baton.mesh.MeshMessage.Withdraw;
import io.baton.mesh.MeshMessage.Withdrawn;
import io.baton.service.AskException.Reason;
import io.baton.service.ServiceOffer;
import io.baton.worker.memory.MemoryAccount;
import io.baton.worker.services.AskedQuestions.Asked;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The named services of one worker: what it and others offer, who is asked, and the outcome of each
 * question. Makes no system call and reads no clock: it is told what happens, and has a {@link
 * ServiceOutput} do what follows.
 *
 * <pre>
 *   new ── open ──► OPEN ── leave ──► LEAVING ── withdraw ──► WITHDRAWN ── all say so ──► idle
 *                   others know       others are asked        asks nothing of it,
 *                   its offers        instead, if any         answers what it was asked
 * </pre>
 *
 * <p>Messages between two workers arrive in their order, so a neighbour that has said {@link
 * Withdrawn} has asked all that it will ask.
 *
 * <p>For one thread. What a neighbour says out of order changes nothing; calls out of order throw.
 */
public final class ServiceRouter {
  private static final byte[] EMPTY = {};

  private final long self;
  private final int slot;
  private final RandomGenerator random;
  private final MemoryAccount memory;
  private final ServiceOutput output;
  private final ServiceCounters counters = new ServiceCounters();
  private final ServiceDirectory directory = new ServiceDirectory();
  private final AskedQuestions asked = new AskedQuestions();
  private final AcceptedQuestions accepted;
  private final Set<String> own = new LinkedHashSet<>();
  private final Set<Long> neighbours = new HashSet<>();

  /** Those that may still ask this worker, which has withdrawn. */
  private final Set<Long> unsettled = new HashSet<>();

  private boolean open;

  /** Others were told what this worker offers. */
  private boolean announced;

  private boolean leaving;
  private boolean withdrawn;
  private long lastQuestion;

  /** The last question for whose outcome this worker stays. */
  private long lastAwaited;

  private int loadTold;
  private long loadDueMs = ServiceLimits.LOAD_MS;
  private long settledByMs = Long.MAX_VALUE;
  private long tickedMs;

  /**
   * @param self number of this worker
   * @param random chooses whom to ask
   */
  public ServiceRouter(
      long self, int slot, RandomGenerator random, MemoryAccount memory, ServiceOutput output) {
    this.self = self;
    this.slot = slot;
    this.random = random;
    this.memory = memory;
    this.output = output;
    accepted = new AcceptedQuestions(memory, output);
  }

  // ---- offers ----

  /** This worker offers a service; at most {@value MeshMessage#MAX_OFFERS} at a time. */
  public void offer(String name) {
    own.add(name);
    announce();
  }

  /** This worker does not offer a service any more. */
  public void withdraw(String name) {
    own.remove(name);
    announce();
  }

  /** What this worker offers, and will offer, is to be asked from now on. */
  public void open() {
    open = true;
    announce();
  }

  /** From now on, other workers are to be asked, if there are any. */
  public void leave() {
    leaving = true;
    announce();
  }

  /**
   * From now on this worker is to be asked nothing. {@link #isIdle} tells when it is so.
   *
   * @param nowMs the time
   */
  public void withdraw(long nowMs) {
    if (withdrawn) {
      return;
    }
    withdrawn = true;
    lastAwaited = lastQuestion;
    settledByMs = nowMs + ServiceLimits.WITHDRAW_MS;
    changed(directory.remove(self));
    if (announced) {
      unsettled.addAll(neighbours);
      neighbours.forEach(each -> send(each, new Withdraw()));
    }
  }

  /**
   * Whether this worker, which has withdrawn, owes nobody an answer that is still waited for, will
   * not be asked again, and has the outcome of all that it had asked by then.
   */
  public boolean isIdle() {
    return withdrawn
        && unsettled.isEmpty()
        && !accepted.owes(tickedMs)
        && !asked.hasUpTo(lastAwaited);
  }

  /** Returns the offers of a name, one a slot, in the slots' order. */
  public List<ServiceOffer> offers(String name) {
    return directory.offers(name);
  }

  private void announce() {
    // One that is offered too many is withdrawn at once: it was offered while others still were.
    boolean fits = own.size() <= MeshMessage.MAX_OFFERS;
    if (open && !withdrawn && fits && (announced || !own.isEmpty())) {
      announced = true;
      Offers offers = offers();
      changed(directory.put(self, offers));
      neighbours.forEach(each -> send(each, offers));
    }
  }

  private Offers offers() {
    loadTold = accepted.size();
    return new Offers(slot, leaving, loadTold, List.copyOf(own));
  }

  private void changed(Collection<String> names) {
    names.forEach(output::changed);
  }

  /** Sends what no link refuses, unless it has ended, of which this is told. */
  private void send(long neighbour, MeshMessage control) {
    var _ = output.send(neighbour, control);
  }

  // ---- asks ----

  /**
   * Asks one of those that offer a service. The outcome is told to the asker, maybe before this
   * returns.
   *
   * @param content not changed afterwards
   */
  public void ask(
      String name, @Nullable String key, byte[] content, int timeoutMs, Asker asker, long nowMs) {
    Ask ask = new Ask(++lastQuestion, name, key, timeoutMs, content);
    long bytes = ServiceLimits.OVERHEAD_BYTES + content.length;
    if (asked.size() >= ServiceLimits.ASKED) {
      refuse(asker, "this worker has asked %d questions already".formatted(ServiceLimits.ASKED));
    } else if (!memory.reserve(bytes)) {
      refuse(asker, "this worker has no memory left for questions");
    } else {
      Asked question = new Asked(ask, asker, nowMs + timeoutMs, bytes);
      asked.add(question);
      place(question);
    }
  }

  private void refuse(Asker asker, String why) {
    counters.count(Reason.OVERLOADED);
    asker.ended(new AskResult.Unanswered(Reason.OVERLOADED, why));
  }

  private void place(Asked question) {
    Ask ask = question.ask;
    directory.load(self, accepted.size());
    Provider provider = directory.choose(ask.name(), ask.key(), random);
    if (provider == null) {
      end(question, Reason.NOBODY, "no worker offers this service");
      return;
    }
    question.provider = provider;
    provider.asked++;
    if (provider.worker == self) {
      if (!accepted.accept(self, ask, question.deadlineMs)) {
        end(question, Reason.OVERLOADED, provider + " has too much to do");
      }
    } else if (!output.send(provider.worker, ask)) {
      end(question, Reason.OVERLOADED, "the link to " + provider + " is full");
    }
  }

  private void end(Asked question, Reason reason, String text) {
    counters.count(reason);
    end(question, new AskResult.Unanswered(reason, text));
  }

  private void end(Asked question, AskResult result) {
    asked.remove(question);
    memory.release(question.bytes);
    unbind(question);
    question.asker.ended(result);
  }

  private static void unbind(Asked question) {
    Provider provider = question.provider;
    if (provider != null) {
      provider.asked--;
      question.provider = null;
    }
  }

  private void answered(long from, Answer answer) {
    Asked question = asked.get(answer.question());
    Provider provider = question == null ? null : question.provider;
    if (question == null || provider == null || provider.worker != from) {
      return; // its time was up
    }
    directory.load(from, answer.load());
    switch (answer.verdict()) {
      case ANSWERED -> {
        counters.answered++;
        end(question, new AskResult.Answered(answer.content()));
      }
      case FAILED -> end(question, Reason.FAILED, new String(answer.content(), UTF_8));
      case OVERLOADED -> end(question, Reason.OVERLOADED, provider + " has too much to do");
      case DECLINED -> {
        directory.correct(from, question.ask.name());
        unbind(question);
        place(question);
      }
    }
  }

  // ---- answers ----

  private void asked(long from, Ask ask, long nowMs) {
    if (!own.contains(ask.name())) {
      var _ = output.send(from, verdict(ask, Verdict.DECLINED));
    } else if (!accepted.accept(from, ask, nowMs + ask.timeoutMs())) {
      var _ = output.send(from, verdict(ask, Verdict.OVERLOADED));
    }
  }

  private Answer verdict(Ask ask, Verdict verdict) {
    return new Answer(ask.question(), verdict, accepted.size(), EMPTY);
  }

  /**
   * A service of this worker is done with a question.
   *
   * @param question its number here
   * @param verdict {@link Verdict#ANSWERED} or {@link Verdict#FAILED}
   */
  public void answered(long question, Verdict verdict, byte[] content) {
    AcceptedQuestions.Done done = accepted.done(question);
    counters.responses++;
    if (done.asker() == self) {
      answered(self, new Answer(done.question(), verdict, accepted.size(), content));
    } else if (neighbours.contains(done.asker())) {
      accepted.send(done, verdict, content);
    }
  }

  // ---- neighbours ----

  /** There is a link to another worker, which may be younger or older than this one. */
  public void introduced(long neighbour) {
    neighbours.add(neighbour);
    if (announced && !withdrawn) {
      send(neighbour, offers());
    }
  }

  /** The link to a neighbour has room again. */
  public void writable(long neighbour) {
    accepted.writable(neighbour);
  }

  /** A neighbour has died, and all that it had sent has been received. */
  public void died(long neighbour) {
    neighbours.remove(neighbour);
    unsettled.remove(neighbour);
    accepted.died(neighbour);
    changed(directory.remove(neighbour));
    for (Asked each : asked.of(neighbour)) {
      end(each, Reason.GONE, each.provider + " has ended, or the link to it");
    }
  }

  /** A neighbour has said something. */
  public void received(long from, MeshMessage message, long nowMs) {
    switch (message) {
      case Offers m -> changed(directory.put(from, m));
      case Withdraw _ -> {
        changed(directory.remove(from));
        send(from, new Withdrawn());
      }
      case Withdrawn _ -> unsettled.remove(from);
      case Ask m -> asked(from, m, nowMs);
      case Answer m -> answered(from, m);
      case MeshMessage.Synced _,
          MeshMessage.Want _,
          MeshMessage.Has _,
          MeshMessage.Unwant _,
          MeshMessage.Publish _,
          MeshMessage.Gap _,
          MeshMessage.Tail _,
          MeshMessage.Forward _,
          MeshMessage.Passed _,
          MeshMessage.Ended _,
          MeshMessage.TailDone _,
          MeshMessage.Who _,
          MeshMessage.Members _ -> {
        // For topics.
      }
    }
  }

  // ---- time ----

  /** Says the time, ten times a second or more often. */
  public void tick(long nowMs) {
    tickedMs = nowMs;
    for (Asked each : asked.late(nowMs)) {
      end(each, Reason.TIMEOUT, each.provider + " has not answered in time");
    }
    accepted.tick(nowMs);
    if (nowMs >= settledByMs) {
      unsettled.clear(); // one of them is stopped
    }
    if (nowMs >= loadDueMs) {
      loadDueMs = nowMs + ServiceLimits.LOAD_MS;
      if (!own.isEmpty() && loadTold != accepted.size()) {
        announce();
      }
    }
  }

  /** This worker ends: no ask gets an answer any more. */
  public void close() {
    for (Asked each : asked.all()) {
      end(each, Reason.GONE, "this worker ends");
    }
  }

  // ---- numbers ----

  public ServiceCounters counters() {
    return counters;
  }

  /** Returns how many questions of this worker have no outcome yet. */
  public int asking() {
    return asked.size();
  }

  /** Returns how many questions this worker answers. */
  public int answering() {
    return accepted.size();
  }
}
