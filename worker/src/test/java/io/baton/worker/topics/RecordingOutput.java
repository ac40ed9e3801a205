package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** All that a router has done, in words. */
final class RecordingOutput implements TopicOutput {
  /** Neighbours whose links are full. */
  final Set<Long> full = new HashSet<>();

  final Deque<Publication> delivered = new ArrayDeque<>();
  private final List<String> lines = new ArrayList<>();

  @Override
  public void deliver(long session, Publication publication) {
    delivered.add(publication);
    lines.add(
        "deliver %d: %s of %d, %d"
            .formatted(session, publication.topic(), publication.publisher(), publication.n()));
  }

  @Override
  public void missed(long session, String topic, long count) {
    lines.add("missed %d: %s, %d".formatted(session, topic, count));
  }

  @Override
  public SessionFacts facts(long session) {
    return new SessionFacts("user of " + session, false);
  }

  @Override
  public boolean send(long neighbour, MeshMessage message) {
    boolean canBeDropped =
        message instanceof MeshMessage.Publish || message instanceof MeshMessage.Forward;
    if (canBeDropped && full.contains(neighbour)) {
      return false;
    }
    lines.add("to %d: %s".formatted(neighbour, text(message)));
    return true;
  }

  private static String text(MeshMessage message) {
    return switch (message) {
      case MeshMessage.Publish m -> "publish %s, %d".formatted(m.topic(), m.n());
      case MeshMessage.Forward m ->
          "forward to %d, move %d: %s of %d, %d"
              .formatted(m.session(), m.move(), m.topic(), m.publisher(), m.n());
      default -> message.toString();
    };
  }

  /** Returns what was done since the last call. */
  List<String> take() {
    List<String> taken = List.copyOf(lines);
    lines.clear();
    return taken;
  }
}
