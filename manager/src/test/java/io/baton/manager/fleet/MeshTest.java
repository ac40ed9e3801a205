package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.Message;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeshTest extends WithFleet {

  private List<Effect> joined(long worker) {
    return silently(said(worker, new Message.Joined()));
  }

  private static Effect introduce(long worker, Long... neighbours) {
    return new Effect.Introduce(worker, List.of(neighbours));
  }

  /** Workers 1 and 2 are READY and have joined. */
  private void joinedAndRunning() {
    after(0);
    joined(1);
    joined(2);
    running();
  }

  @Test
  void aWorkerThatJoinsIsIntroducedToAllThatHaveJoinedBefore() {
    after(0);
    assertThat(joined(2)).containsExactly(introduce(2));
    assertThat(joined(1)).containsExactly(introduce(1, 2L));
  }

  @Test
  void workersThatDoNotJoinAreIntroducedToNobody() {
    running();
    on(new Event.Reload(first.next(settings)));
    assertThat(joined(3)).containsExactly(introduce(3));
    assertThat(joined(4)).containsExactly(introduce(4, 3L));
  }

  @Test
  void newcomersAreIntroducedToTheWorkersThatTheyReplaceAndToEachOther() {
    joinedAndRunning();
    on(new Event.Reload(first.next(settings)));
    assertThat(joined(3)).containsExactly(introduce(3, 2L, 1L));
    assertThat(joined(4)).containsExactly(introduce(4, 3L, 2L, 1L));
  }

  @Test
  void leaversAreNeighboursUntilTheyAreGone() {
    joinedAndRunning();
    visit(1, 0, PEER);
    on(new Event.Reload(first.next(settings)));
    joined(3);
    joined(4);
    ready(3);
    ready(4);
    assertThat(states()).contains("LEAVING");
    died(3);
    after(200);
    assertThat(joined(5)).containsExactly(introduce(5, 4L, 2L, 1L));
  }

  @Test
  void aWorkerThatIsBeingKilledIsNobodysNeighbour() {
    joinedAndRunning();
    on(new Event.Garbled(1, "nonsense"));
    died(2);
    after(200);
    assertThat(joined(3)).containsExactly(introduce(3));
  }

  @Test
  void aWorkerThatJoinsTwiceOrAfterReadyIsKilled() {
    after(0);
    joined(1);
    assertThat(joined(1)).containsExactly(kill(1));
    assertThat(joined(1)).as("too late").isEmpty();
    ready(2);
    assertThat(joined(2)).containsExactly(kill(2));
  }

  @Test
  void aWorkerWhoseLinksCannotBeMadeIsKilledAndReplaced() {
    joinedAndRunning();
    died(2);
    after(200);
    joined(3);
    List<Effect> effects = on(new Event.NotIntroduced(3, "socketpair: Too many open files"));
    assertThat(effects).contains(kill(3));
    assertThat(reports(effects))
        .anyMatch(line -> line.contains("could not be linked to the other workers: socketpair"));
    died(3);
    assertThat(on(new Event.NotIntroduced(3, "again"))).as("it is gone").isEmpty();
    assertThat(after(1_000)).contains(new Effect.Spawn(4, 1, 1));
  }

  @Test
  void thereCannotBeMoreWorkersThanCanHaveLinks() {
    joinedAndRunning();
    assertThat(on(new Event.Scale(64)))
        .contains(
            new Effect.Done(
                Outcome.refused(
                    Outcome.Kind.SCALE,
                    1,
                    "there cannot be 64 workers: allowed are 1 to 63, because a module uses topics or services")));
    assertThat(on(new Event.Scale(63))).contains(new Effect.Spawn(63, 62, 1));
  }
}
