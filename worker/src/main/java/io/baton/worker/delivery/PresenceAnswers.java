package io.baton.worker.delivery;

import io.baton.mesh.MeshMessage;
import io.baton.service.Member;
import io.baton.service.Presence;
import io.baton.service.SessionId;
import io.baton.worker.topics.PresentMembers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The members of topics as modules see them. All who have asked the same question get the same
 * answer. Event loop only.
 */
final class PresenceAnswers {
  private @Nullable PresentMembers last;
  private @Nullable Presence answer;

  Presence of(PresentMembers found) {
    if (answer == null || !found.equals(last)) {
      last = found;
      answer = converted(found);
    }
    return answer;
  }

  private static Presence converted(PresentMembers found) {
    List<Member> members = new ArrayList<>(found.members().size());
    for (MeshMessage.Member each : found.members()) {
      members.add(
          new Member(
              new SessionId(each.session()),
              Optional.of(each.principal()).filter(name -> !name.isEmpty()),
              each.about(),
              each.isAway()));
    }
    return new Presence(members, found.leftOut(), found.silent());
  }
}
