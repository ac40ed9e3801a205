package io.baton.worker.intake;

import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Refused;
import io.baton.pipe.Message.Taken;
import io.baton.pipe.Message.ToManager;
import io.baton.pipe.Pipe;
import io.baton.pipe.Refusal;
import io.baton.worker.intake.Adopter.Connection;
import java.util.ArrayList;
import java.util.List;

/**
 * The handoffs of one wake-up and their answers, which go out as one packet. Only once the kernel
 * has that packet are the connections ours and started: so a handoff is either untouched or
 * answered, whenever this process may die.
 */
final class Batch {
  private final List<ToManager> answers = new ArrayList<>();
  private final List<Connection> connections = new ArrayList<>();

  boolean isEmpty() {
    return answers.isEmpty();
  }

  void take(Handoff handoff, Connection connection) {
    answers.add(new Taken(handoff.id()));
    connections.add(connection);
  }

  void refuse(Handoff handoff, Refusal why) {
    answers.add(new Refused(handoff.id(), why));
  }

  /** Sends the answers, if there are any, and starts what they say is taken. */
  Pipe.Sent settle(Pipe pipe) {
    if (answers.isEmpty()) {
      return Pipe.Sent.YES;
    }
    Pipe.Sent sent = pipe.send(answers, List.of());
    if (sent == Pipe.Sent.YES) {
      answers.clear();
      List<Connection> ours = List.copyOf(connections);
      connections.clear();
      ours.forEach(Connection::start);
    }
    return sent;
  }

  /** Nobody can be told any more: none of them was ours. */
  void abandon() {
    answers.clear();
    connections.forEach(Connection::abandon);
    connections.clear();
  }
}
