package io.baton.examples;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rooms of one worker, by name. A room is there while it has members. Another worker may have a
 * room of the same name, and neither knows of the other's. Any thread.
 */
final class ChatRooms {
  static final int MAX_ROOMS = 1_000;

  private final Map<String, ChatRoom> rooms = new HashMap<>();

  /** Returns the room, which the member has entered; empty if it, or the worker, is full. */
  synchronized Optional<ChatRoom> enter(String name, ChatRoom.Member member) {
    ChatRoom there = rooms.get(name);
    boolean full = there == null ? rooms.size() >= MAX_ROOMS : there.isFull();
    return full ? Optional.empty() : Optional.of(comeBack(name, member, List.of()));
  }

  /** Returns the room, which a member of another worker has entered; it was let in there. */
  synchronized ChatRoom comeBack(
      String name, ChatRoom.Member member, Collection<ChatMessage> known) {
    ChatRoom room = rooms.computeIfAbsent(name, _ -> new ChatRoom());
    room.enter(member, known);
    return room;
  }

  synchronized void leave(String name, ChatRoom.Member member, boolean moved) {
    ChatRoom room = rooms.get(name);
    if (room != null) {
      room.leave(member, moved);
      if (room.isEmpty()) {
        rooms.remove(name);
      }
    }
  }

  synchronized int size() {
    return rooms.size();
  }
}
