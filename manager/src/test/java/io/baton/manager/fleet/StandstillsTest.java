package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.fleet.Effect.How;
import io.baton.pipe.Load;
import io.baton.pipe.Message;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Workers in which a callback does not end: what is said of them and done about them. */
class StandstillsTest extends WithFleet {

  private void serving(String hocon) {
    with(TestSettings.with(2, 1, "fleet.ping-interval = 1s\nfleet.hang-timeout = off\n" + hocon));
    running();
    talkative.addAll(List.of(1L, 2L));
  }

  private List<Effect> standsStill(long worker, long ms) {
    long nanos = TimeUnit.MILLISECONDS.toNanos(ms);
    Load.Callbacks callbacks = new Load.Callbacks(0, nanos, nanos);
    said(
        worker,
        new Message.LoadReport(
            new Load(
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                Load.Counters.NONE,
                Load.Memory.NONE,
                callbacks,
                Load.Mesh.NONE)));
    return after(20);
  }

  @Test
  void aWorkerInWhichALaneStandsStillIsStuckAndAvoidedUntilItGetsOn() {
    serving("");
    assertThat(reports(standsStill(1, 1_999))).isEmpty();
    assertThat(states()).containsExactly("READY", "READY");
    assertThat(reports(standsStill(1, 2_100)))
        .containsExactly(
            "worker 0 (pid 101) is stuck: a lane has finished nothing for 2.1 s; new clients go to"
                + " others while there are any; its log says where");
    assertThat(states()).containsExactly("STUCK", "READY");
    assertThat(fleet.view().workers().getFirst().problem())
        .isEqualTo("a lane has finished nothing for 2.1 s; its log says where");
    for (long id = 1; id <= 4; id++) {
      assertThat(silently(accept(id))).containsExactly(place(id, 2));
    }
    assertThat(reports(standsStill(1, 4_000))).as("once").isEmpty();
    assertThat(reports(standsStill(1, 0))).containsExactly("worker 0 (pid 101) gets on again");
    assertThat(states()).containsExactly("READY", "READY");
    assertThat(silently(accept(5))).containsExactly(place(5, 1));
  }

  @Test
  void clientsGoToStuckWorkersIfAllAre() {
    serving("");
    standsStill(1, 2_000);
    standsStill(2, 2_000);
    assertThat(states()).containsExactly("STUCK", "STUCK");
    assertThat(silently(accept(1))).containsExactly(place(1, 1));
    assertThat(silently(accept(2))).containsExactly(place(2, 2));
  }

  @Test
  void aWorkerThatIsNotHeardThoughItWasAskedIsStuck() {
    serving("");
    talkative.remove(1L);
    after(2_800);
    assertThat(states()).containsExactly("READY", "READY");
    assertThat(reports(after(400)))
        .satisfiesExactly(
            said -> assertThat(said).contains("is stuck: it has said nothing for 3.0 s"));
    said(1, new Message.Pong(1));
    after(20);
    assertThat(states()).containsExactly("READY", "READY");
  }

  @Test
  void nobodyIsStuckWhereNobodyWantsToKnow() {
    serving("fleet.callback-warning = off");
    assertThat(standsStill(1, 60_000)).isEmpty();
    assertThat(states()).containsExactly("READY", "READY");
  }

  @Test
  void aLaneThatHangsHasItsWorkerDumpedOnceAndReplacedWhereThatIsConfigured() {
    serving("fleet.lane-hang-timeout = 5s");
    assertThat(silently(standsStill(1, 4_900))).isEmpty();
    List<Effect> effects = standsStill(1, 5_000);
    assertThat(reports(effects))
        .contains(
            "worker 0 (pid 101) has finished nothing in a lane for 5.0 s (lane-hang-timeout): asked"
                + " it for its stacks",
            "worker 0 (pid 101) has a lane that stands still (lane-hang-timeout): replacing it");
    assertThat(silently(effects))
        .containsExactly(new Effect.Kill(1, How.DUMP), new Effect.Spawn(3, 0, 1));
    assertThat(silently(standsStill(1, 6_000))).isEmpty();
  }

  @Test
  void aLaneMayStandStillForEverWhereNothingElseIsConfigured() {
    serving("");
    assertThat(silently(standsStill(1, 3_600_000))).isEmpty();
  }
}
