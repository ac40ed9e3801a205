package io.baton.examples;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A room as far as it is in this worker: the members whose sessions are here, and the last
 * messages, in the order of their time. Any thread.
 */
final class ChatRoom {
  static final int MAX_MEMBERS = 100;
  static final int MAX_MESSAGES = 50;

  /** A session in the room. It is told with the room locked, so it only takes note. */
  interface Member {

    /** As the others see it. */
    String shown();

    /** There are messages that it may not have seen. */
    void said();

    /** Members came, went, or lost their connection. */
    void membersChanged();
  }

  private final Set<Member> members = new LinkedHashSet<>();
  private final TreeSet<ChatMessage> messages = new TreeSet<>();

  synchronized boolean isFull() {
    return members.size() >= MAX_MEMBERS;
  }

  synchronized boolean isEmpty() {
    return members.isEmpty();
  }

  /** Lets a member in, with the messages that it knows of, such as from another worker. */
  synchronized void enter(Member member, Collection<ChatMessage> known) {
    members.add(member);
    tellChanged();
    add(known);
  }

  /**
   * @param moved it goes on elsewhere, which is no news
   */
  synchronized void leave(Member member, boolean moved) {
    if (members.remove(member) && !moved) {
      tellChanged();
    }
  }

  synchronized void tellChanged() {
    members.forEach(Member::membersChanged);
  }

  void say(ChatMessage message) {
    add(List.of(message));
  }

  private synchronized void add(Collection<ChatMessage> more) {
    if (messages.addAll(more)) {
      while (messages.size() > MAX_MESSAGES) {
        messages.removeFirst();
      }
      members.forEach(Member::said);
    }
  }

  synchronized List<ChatMessage> messages() {
    return List.copyOf(messages);
  }

  /** Returns the members as the others see them, in order. */
  synchronized List<String> shown() {
    Stream<String> all = members.stream().map(Member::shown);
    return all.sorted().toList();
  }
}
