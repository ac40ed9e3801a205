package io.baton.service;

import java.util.List;

/**
 * Who has subscribed to a topic, in all workers of the server and of other machines that share its
 * broker. A session that is moving is listed once.
 *
 * @param members at most {@value #MAX_MEMBERS}, in no order
 * @param leftOut how many more there are at least; 0 if all that are known are listed
 * @param silent how many workers have not answered in time, or cannot be asked: their sessions are
 *     missing. Without a connection to the broker at least one
 */
public record Presence(List<Member> members, int leftOut, int silent) {
  /** Most members that are listed. */
  public static final int MAX_MEMBERS = 4_096;

  /** Copies the list. */
  public Presence {
    members = List.copyOf(members);
  }

  /** Returns whether nobody is missing. */
  public boolean isWhole() {
    return leftOut == 0 && silent == 0;
  }
}
