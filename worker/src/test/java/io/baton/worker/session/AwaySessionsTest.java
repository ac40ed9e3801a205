package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.PeerKey;
import io.baton.worker.memory.Holder;
import io.baton.worker.migration.HoldUp;
import io.baton.worker.migration.OutgoingMigration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AwaySessionsTest {
  private static final PeerKey PEER = new PeerKey(PeerKey.Kind.UNIX, 1);
  private static final PeerKey OTHER = new PeerKey(PeerKey.Kind.UNIX, 2);

  private final AwaySessions away = new AwaySessions();
  private final List<String> displaced = new ArrayList<>();
  private AwaySessions.Bounds bounds = new AwaySessions.Bounds(3, 0);

  private Waits enter(String listener, PeerKey peer, String name) {
    Waits session = new Waits();
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
  void whoIsBackOccupiesNoPlace() {
    bounds = new AwaySessions.Bounds(2, 2);
    Waits back = enter("web", PEER, "a");
    enter("web", PEER, "b");
    away.leave("web", PEER, back);
    enter("web", PEER, "c");
    assertThat(displaced).isEmpty();
    enter("web", OTHER, "d");
    assertThat(displaced).containsExactly("b");
  }

  /** A session of which nothing is asked. */
  private static final class Waits implements ManagedSession {
    private static UnsupportedOperationException unasked() {
      return new UnsupportedOperationException();
    }

    @Override
    public Holder holder() {
      throw unasked();
    }

    @Override
    public void goodbye() {
      throw unasked();
    }

    @Override
    public void endIfIdle() {
      throw unasked();
    }

    @Override
    public void abort() {
      throw unasked();
    }

    @Override
    public boolean mayMove() {
      throw unasked();
    }

    @Override
    public boolean isQuiet() {
      throw unasked();
    }

    @Override
    public long lastActive() {
      throw unasked();
    }

    @Override
    public String kind() {
      throw unasked();
    }

    @Override
    public HoldUp holdUp() {
      throw unasked();
    }

    @Override
    public OutgoingMigration freeze(OutgoingMigration.Owner owner) {
      throw unasked();
    }
  }
}
