package io.baton.worker.topics;

import io.baton.mesh.MeshMessage.Member;
import java.util.List;

/**
 * The subscribers of a topic in all workers.
 *
 * @param members each session once
 * @param leftOut how many subscribers are known of and not among them, at least
 * @param silent how many workers have not answered
 */
public record PresentMembers(List<Member> members, int leftOut, int silent) {
  public PresentMembers {
    members = List.copyOf(members);
  }
}
