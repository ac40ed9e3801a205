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
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
 * Withdrawn} has asked all that it will ask. Workers of other machines are neighbours, too, of
 * which messages may be lost: what this worker offers is said to them again and again, and so is
 * its withdrawal; a question or an answer that is lost ends by the asker's time.
 *
 * <p>For one thread. What a neighbour says out of order changes nothing; calls out of order throw.
 */
public final class ServiceRouter {
  private static final byte[] EMPTY = {};
  private static final String NO_BROKER = "there is no connection to the broker";

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

  /** The other workers, and the machines that they are on. */
  private final Map<Long, Long> neighbours = new HashMap<>();

  /** Those that may still ask this worker, which has withdrawn. */
  private final Set<Long> unsettled = new HashSet<>();

  private long machine;
  private boolean connected;
  private boolean open;

  /** Others were told what this worker offers. */
  private boolean announced;

  private boolean leaving;
  private boolean withdrawn;

  /** How often this worker has said what it offers. */
  private long lastOffers;

  private long lastQuestion;

  /** The last question for whose outcome this worker stays. */
  private long lastAwaited;

  private int loadTold;
  private long loadDueMs = ServiceLimits.LOAD_MS;
  private long settledByMs = Long.MAX_VALUE;
  private long withdrawAgainMs;
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

  /**
   * There are other machines besides this one, which can be reached once that is told.
   *
   * @param thisMachine its number, which is not 0
   */
  public void cluster(long thisMachine) {
    machine = thisMachine;
    directory.cluster(thisMachine);
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
    withdrawAgainMs = nowMs + ServiceLimits.WITHDRAW_AGAIN_MS;
    if (announced) {
      neighbours.keySet().stream()
          .filter(each -> connected || isNear(each))
          .forEach(unsettled::add);
      sendToAll(new Withdraw());
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
      loadTold = offers.load();
      changed(directory.put(self, offers));
      sendToAll(offers);
    }
  }

  private Offers offers() {
    return new Offers(++lastOffers, slot, leaving, accepted.size(), List.copyOf(own));
  }

  private void changed(Collection<String> names) {
    names.forEach(output::changed);
  }

  private boolean isNear(long neighbour) {
    return neighbours.getOrDefault(neighbour, machine) == machine;
  }

  private void sendToAll(MeshMessage control) {
    neighbours.keySet().stream().filter(this::isNear).forEach(each -> send(each, control));
    sendToMachines(control);
  }

  private void sendToMachines(MeshMessage control) {
    if (machine != 0) {
      output.sendToMachines(control);
    }
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
        end(question, Reason.OVERLOADED, directory.name(provider) + " has too much to do");
      }
    } else if (!directory.isReachable(provider)) {
      end(question, Reason.GONE, directory.name(provider) + " cannot be reached: " + NO_BROKER);
    } else if (!output.send(provider.worker, ask)) {
      end(question, Reason.OVERLOADED, full(provider));
    }
  }

  private String full(Provider provider) {
    return directory.isNear(provider)
        ? "the link to %s is full".formatted(directory.name(provider))
        : "too much waits for the broker, over which %s is asked"
            .formatted(directory.name(provider));
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
      case OVERLOADED ->
          end(question, Reason.OVERLOADED, directory.name(provider) + " has too much to do");
      case DECLINED -> {
        directory.correct(from, question.ask.name());
        unbind(question);
        place(renumbered(question));
      }
    }
  }

  /**
   * Gives a question that was declined another number: a worker of another machine ignores numbers
   * that do not rise, because somebody may send a question once more.
   */
  private Asked renumbered(Asked question) {
    Ask before = question.ask;
    Ask ask =
        new Ask(++lastQuestion, before.name(), before.key(), before.timeoutMs(), before.content());
    if (before.question() <= lastAwaited) {
      lastAwaited = lastQuestion;
    }
    Asked again = new Asked(ask, question.asker, question.deadlineMs, question.bytes);
    asked.remove(question);
    asked.add(again);
    return again;
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
    } else if (neighbours.containsKey(done.asker())) {
      accepted.send(done, verdict, content);
    }
  }

  // ---- neighbours ----

  /** There is a link to another worker, which may be younger or older than this one. */
  public void introduced(long neighbour) {
    introduced(neighbour, machine);
  }

  /**
   * There is a worker of another machine. It may have heard already what was said to all, and ask;
   * so one that appears after this worker has withdrawn is waited for like all others.
   */
  public void introduced(long neighbour, long itsMachine) {
    neighbours.put(neighbour, itsMachine);
    if (announced && !withdrawn) {
      send(neighbour, offers());
    } else if (announced && !isNear(neighbour)) {
      unsettled.add(neighbour);
      send(neighbour, new Withdraw());
    }
  }

  /** The link to a neighbour has room again. */
  public void writable(long neighbour) {
    accepted.writable(neighbour);
  }

  /** A neighbour has died, and all that it had sent has been received; or the link has ended. */
  public void died(long neighbour) {
    boolean isRemote = !isNear(neighbour);
    neighbours.remove(neighbour);
    unsettled.remove(neighbour);
    accepted.died(neighbour);
    changed(directory.remove(neighbour));
    endAsked(neighbour, isRemote ? " has ended, or is silent" : " has ended, or the link to it");
  }

  /**
   * The link to a neighbour begins anew. What either has asked the other has no answer any more:
   * the question may be lost, or the answer. What it offers is remembered until it says so again,
   * so that its keys do not go to other workers.
   */
  public void reset(long neighbour) {
    accepted.died(neighbour);
    endAsked(neighbour, " may not have got it: the link to it has begun anew");
    if (announced) {
      send(neighbour, withdrawn ? new Withdraw() : offers());
    }
  }

  private void endAsked(long neighbour, String why) {
    for (Asked each : asked.of(neighbour)) {
      end(each, Reason.GONE, name(each) + why);
    }
  }

  /**
   * Other machines can be reached from now on, or not any more. Then what they were asked has no
   * answer; what they offer is remembered, so that their keys do not go to other workers.
   */
  public void connected(boolean isUp) {
    connected = isUp;
    changed(directory.connected(isUp));
    if (!isUp) {
      unsettled.removeIf(each -> !isNear(each));
      for (Asked each : asked.all()) {
        if (each.provider != null && !directory.isReachable(each.provider)) {
          end(each, Reason.GONE, name(each) + " cannot be reached any more: " + NO_BROKER);
        }
      }
    } else if (announced && !withdrawn) {
      sendToMachines(offers());
    }
  }

  private String name(Asked question) {
    return question.provider == null ? "nobody" : directory.name(question.provider);
  }

  /** A neighbour has said something. */
  public void received(long from, MeshMessage message, long nowMs) {
    switch (message) {
      case Offers m -> offered(from, m);
      case Withdraw _ -> {
        changed(directory.remove(from));
        send(from, new Withdrawn());
      }
      case Withdrawn _ -> unsettled.remove(from);
      case Ask m -> asked(from, m, nowMs);
      case Answer m -> answered(from, m);
      case MeshMessage.Reset _,
          MeshMessage.Synced _,
          MeshMessage.Want _,
          MeshMessage.Has _,
          MeshMessage.Unwant _,
          MeshMessage.Publish _,
          MeshMessage.Gap _,
          MeshMessage.Tail _,
          MeshMessage.Forward _,
          MeshMessage.Passed _,
          MeshMessage.Begun _,
          MeshMessage.Claimed _,
          MeshMessage.Ended _,
          MeshMessage.TailDone _,
          MeshMessage.Who _,
          MeshMessage.Members _ -> {
        // For topics, or for the links.
      }
    }
  }

  private void offered(long from, Offers offers) {
    Long its = neighbours.get(from);
    if (its != null) {
      changed(its == machine ? directory.put(from, offers) : directory.put(from, its, offers));
    }
  }

  // ---- time ----

  /** Says the time, ten times a second or more often. */
  public void tick(long nowMs) {
    tickedMs = nowMs;
    for (Asked each : asked.late(nowMs)) {
      end(each, Reason.TIMEOUT, name(each) + " has not answered in time");
    }
    accepted.tick(nowMs);
    if (nowMs >= settledByMs) {
      unsettled.clear(); // one of them is stopped
    }
    if (nowMs >= withdrawAgainMs && !unsettled.isEmpty()) {
      withdrawAgainMs = nowMs + ServiceLimits.WITHDRAW_AGAIN_MS;
      unsettled.stream().filter(each -> !isNear(each)).forEach(each -> send(each, new Withdraw()));
    }
    if (nowMs >= loadDueMs) {
      loadDueMs = nowMs + ServiceLimits.LOAD_MS;
      if (!own.isEmpty() && loadTold != accepted.size()) {
        announce();
      } else if (announced && !withdrawn) {
        sendToMachines(offers());
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
