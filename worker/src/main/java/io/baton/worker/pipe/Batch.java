package io.baton.worker.pipe;

import io.baton.pipe.Message;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Refused;
import io.baton.pipe.Message.Taken;
import io.baton.pipe.Message.ToManager;
import io.baton.pipe.Pipe;
import io.baton.pipe.Refusal;
import io.baton.worker.pipe.Adopter.Connection;
import java.util.ArrayList;
import java.util.List;

/**
 * The handoffs of one wake-up and their answers, which go out as one packet. Only once the kernel
 * has that packet are the connections ours and started: so a handoff is either untouched or
 * answered, whenever this process may die.
 */
final class Batch {
  /** Of reasons in one packet, bytes at most: there is room for all answers beside them. */
  private static final int MAX_REASONS = 16 * 1024;

  private final List<ToManager> answers = new ArrayList<>();
  private final List<Connection> connections = new ArrayList<>();
  private int reasons;

  boolean isEmpty() {
    return answers.isEmpty();
  }

  void take(Handoff handoff, Connection connection) {
    answers.add(new Taken(handoff.id()));
    connections.add(connection);
  }

  /** With the reason, as long as there is room for it. */
  void refuse(Handoff handoff, Refusal why, String reason) {
    boolean hasRoom = reasons + Message.MAX_REASON_BYTES <= MAX_REASONS;
    answers.add(new Refused(handoff.id(), why, hasRoom ? reason : ""));
    reasons += reason.isEmpty() ? 0 : Message.MAX_REASON_BYTES;
  }

  /** Sends the answers, if there are any, and starts what they say is taken. */
  Pipe.Sent settle(Pipe pipe) {
    if (answers.isEmpty()) {
      return Pipe.Sent.YES;
    }
    Pipe.Sent sent = pipe.send(answers, List.of());
    if (sent == Pipe.Sent.YES) {
      answers.clear();
      reasons = 0;
      List<Connection> ours = List.copyOf(connections);
      connections.clear();
      ours.forEach(Connection::start);
    }
    return sent;
  }

  /** Nobody can be told any more: none of them was ours. */
  void abandon() {
    answers.clear();
    reasons = 0;
    connections.forEach(Connection::abandon);
    connections.clear();
  }
}
