package io.baton.examples;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * A message in a room.
 *
 * @param id the same in whatever worker the message is, and no other's
 * @param at when it was said, in milliseconds since 1970
 */
record ChatMessage(String id, long at, String name, String text)
    implements Comparable<ChatMessage> {

  /** As a member of the JSON object that the page gets. */
  String json() {
    return "\"id\":%s,\"at\":%d,\"name\":%s,\"text\":%s"
        .formatted(quoted(id), at, quoted(name), quoted(text));
  }

  static String quoted(String text) {
    StringBuilder all = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == '"' || c == '\\') {
        all.append("\\u%04x".formatted((int) c));
      } else {
        all.append(c);
      }
    }
    return all.append('"').toString();
  }

  @Override
  public int compareTo(ChatMessage other) {
    int byTime = Long.compare(at, other.at);
    return byTime != 0 ? byTime : id.compareTo(other.id);
  }

  void write(DataOutputStream to) throws IOException {
    to.writeUTF(id);
    to.writeLong(at);
    to.writeUTF(name);
    to.writeUTF(text);
  }

  static ChatMessage read(DataInputStream from) throws IOException {
    return new ChatMessage(from.readUTF(), from.readLong(), from.readUTF(), from.readUTF());
  }
}
