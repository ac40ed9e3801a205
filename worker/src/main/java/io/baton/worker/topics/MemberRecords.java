package io.baton.worker.topics;

import io.baton.mesh.MeshMessage.Member;
import io.baton.mesh.MeshMessage.Stay;
import io.baton.worker.memory.MemoryAccount;
import io.baton.worker.topics.SubscriptionGraph.Subscriber;
import io.baton.worker.topics.SubscriptionGraph.Subscription;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The members of topics, as this worker knows them.
 *
 * <p>Whoever asks for a topic's members asks all workers, but not in one moment: a session that
 * moves in between could be named by none. So a worker goes on naming a session for {@link
 * TopicLimits#LEFT_MS} after it has left. That alone would name sessions that have ended meanwhile.
 * So the next worker names it too, as ended, if it ends there or unsubscribes within {@link
 * TopicLimits#ARRIVED_MS}.
 */
final class MemberRecords {
  /** What a record takes besides its texts, in bytes, about. */
  private static final int RECORD_BYTES = 256;

  private final SubscriptionGraph graph;
  private final MemoryAccount memory;
  private final TopicOutput output;

  /**
   * Members that are here or were not long ago.
   *
   * @param leftOut how many that are here are not among them
   */
  record Listed(List<Member> members, int leftOut) {}

  /** A session that has left, or has ended here. */
  private record Former(String topic, Member member, long bytes, long until) {}

  private final Map<String, Map<Long, Former>> former = new HashMap<>();
  private final Deque<Former> left = new ArrayDeque<>();
  private final Deque<Former> ended = new ArrayDeque<>();
  private long nowMs;

  MemberRecords(SubscriptionGraph graph, MemoryAccount memory, TopicOutput output) {
    this.graph = graph;
    this.memory = memory;
    this.output = output;
  }

  /** A session has come from another worker. */
  void arrived(Subscriber subscriber, int move) {
    subscriber.arrivedMs = nowMs;
    subscriber.arrivedMove = move;
  }

  /** A session has subscribed, perhaps again. */
  void begins(long session, String topic) {
    Map<Long, Former> its = former.get(topic);
    if (its != null) {
      its.remove(session);
    }
  }

  /** A session is about to be forgotten, because it has left with these subscriptions. */
  void departed(Collection<Subscription> subscriptions) {
    for (Subscription each : subscriptions) {
      note(each, member(each, Stay.LEAVING), nowMs + TopicLimits.LEFT_MS, left);
    }
  }

  /**
   * A subscription of a session that is here is about to end. That contradicts the worker that it
   * came from, not the one to which it may be about to go and subscribe again.
   */
  void ending(Subscription subscription) {
    Subscriber its = subscription.subscriber;
    if (nowMs - its.arrivedMs < TopicLimits.ARRIVED_MS) {
      Member member = new Member(its.session, its.arrivedMove, Stay.ENDED, false, "", "");
      note(subscription, member, nowMs + TopicLimits.ARRIVED_MS, ended);
    }
  }

  private void note(Subscription subscription, Member member, long until, Deque<Former> queue) {
    long bytes = RECORD_BYTES + bytes(member);
    if (memory.reserve(bytes)) {
      Former record = new Former(subscription.topic.name, member, bytes, until);
      former
          .computeIfAbsent(record.topic, _ -> new HashMap<>(2))
          .put(member.session(), record); // the earlier one, if there is one, stays in its queue
      queue.add(record);
    }
  }

  /** Returns about how many bytes a member takes. */
  static long bytes(Member member) {
    return (long) Character.BYTES * (member.principal().length() + member.about().length());
  }

  private Member member(Subscription subscription, Stay stay) {
    Subscriber its = subscription.subscriber;
    SessionFacts facts = output.facts(its.session);
    return new Member(
        its.session, its.move, stay, facts.isAway(), facts.principal(), subscription.about);
  }

  void tick(long ms) {
    nowMs = ms;
    forgetOld(left);
    forgetOld(ended);
  }

  private void forgetOld(Deque<Former> queue) {
    while (!queue.isEmpty() && queue.getFirst().until <= nowMs) {
      Former old = queue.removeFirst();
      memory.release(old.bytes);
      Map<Long, Former> its = former.get(old.topic);
      if (its != null) {
        its.remove(old.member.session(), old);
        if (its.isEmpty()) {
          former.remove(old.topic);
        }
      }
    }
  }

  /**
   * Returns the members of a topic: at most {@link TopicLimits#MEMBERS}, and as many former ones.
   */
  Listed of(String name) {
    List<Member> members = new ArrayList<>();
    int leftOut = 0;
    SubscriptionGraph.Topic topic = graph.topic(name);
    for (int i = 0; topic != null && i < topic.size(); i++) {
      Subscription each = topic.subscription(i);
      if (each.subscriber.hasLeft) {
        continue; // it is among the former ones
      }
      if (members.size() == TopicLimits.MEMBERS) {
        leftOut = topic.size() - i;
        break;
      }
      members.add(member(each, each.receiver instanceof Tail ? Stay.LEAVING : Stay.HERE));
    }
    Collection<Former> others = former.getOrDefault(name, Map.of()).values();
    others.stream().limit(TopicLimits.MEMBERS).forEach(each -> members.add(each.member));
    return new Listed(members, leftOut);
  }
}
