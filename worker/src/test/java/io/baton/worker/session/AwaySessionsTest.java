package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.PeerKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AwaySessionsTest {
  private static final PeerKey PEER = new PeerKey(PeerKey.Kind.UNIX, 1);
  private static final PeerKey OTHER = new PeerKey(PeerKey.Kind.UNIX, 2);

  private final AwaySessions away = new AwaySessions();
  private final List<String> displaced = new ArrayList<>();
  private AwaySessions.Bounds bounds = new AwaySessions.Bounds(3, 0);

  private UnaskedSession enter(String listener, PeerKey peer, String name) {
    UnaskedSession session = new UnaskedSession();
    away.enter(
        listener,
        bounds,
        peer,
        session,
        () -> {
          displaced.add(name);
          away.leave(listener, peer, session);
        });
    return session;
  }

  @Test
  void theOneThatHasWaitedForLongestMakesRoomAtItsListener() {
    for (String name : List.of("a", "b", "c", "d", "e")) {
      enter("web", PEER, name);
    }
    enter("chat", PEER, "f");
    assertThat(displaced).containsExactly("a", "b");
  }

  @Test
  void theOneOfThePeerThatHasWaitedForLongestMakesRoomForItsNext() {
    bounds = new AwaySessions.Bounds(10, 2);
    enter("web", OTHER, "other");
    for (String name : List.of("a", "b", "c")) {
      enter("web", PEER, name);
    }
    assertThat(displaced).containsExactly("a");
  }

  @Test
  void noneMakesRoomOnceOtherMachinesAreToTakeThem() {
    bounds = new AwaySessions.Bounds(2, 1);
    enter("web", PEER, "a");
    away.lift();
    for (String name : List.of("b", "c", "d")) {
      enter("web", PEER, name);
    }
    assertThat(displaced).isEmpty();
  }

  @Test
  void whoIsBackOccupiesNoPlace() {
    bounds = new AwaySessions.Bounds(2, 2);
    UnaskedSession back = enter("web", PEER, "a");
    enter("web", PEER, "b");
    away.leave("web", PEER, back);
    enter("web", PEER, "c");
    assertThat(displaced).isEmpty();
    enter("web", OTHER, "d");
    assertThat(displaced).containsExactly("b");
  }
}
