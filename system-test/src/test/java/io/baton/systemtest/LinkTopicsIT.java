package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients of Link whose service publishes and subscribes, in several workers. */
class LinkTopicsIT {
  private static final int WORKERS = 2;
  private static final int GUESTS = Nightly.of(40, 20);
  private static final int RELOADS = Nightly.of(30, 2);
  private static final int BETWEEN = 10;
  private static final long PACE_MS = 100;

  @RegisterExtension final Servers servers = Servers.perTest();

  private final ScheduledExecutorService speakers = Executors.newSingleThreadScheduledExecutor();
  private final List<LinkRoomGuest> guests = new ArrayList<>();

  @AfterEach
  void leave() {
    speakers.shutdownNow();
    guests.forEach(LinkRoomGuest::close);
  }

  private void awaitAll(String what, Predicate<LinkRoomGuest> reached) {
    Wait.until(
        what,
        () -> guests,
        all -> {
          assertThat(all).extracting(LinkRoomGuest::flaw).containsOnly("");
          return all.stream().allMatch(reached);
        });
  }

  /** Each hears of each in both topics: so all that was published before has arrived. */
  private void awaitProbes() {
    guests.forEach(LinkRoomGuest::forgetProbes);
    Wait.until(
        "each knows all",
        () -> {
          guests.forEach(LinkRoomGuest::probe);
          return guests;
        },
        all -> all.stream().allMatch(guest -> guest.knows(GUESTS)));
  }

  @Test
  void whatAServicePublishesReachesAllClientsOnceHoweverOftenTheyMove() throws Exception {
    TestServer server = servers.create().configure("workers", WORKERS);
    ModuleJar.install(server, LinkRoomModule.class, Map.of(), LinkRoomWords.class);
    int port = LinkTalk.listen(server, "rooms", "service = room");
    server.start();
    for (int i = 0; i < GUESTS; i++) {
      guests.add(new LinkRoomGuest(port, i));
    }
    awaitProbes();
    var _ =
        speakers.scheduleAtFixedRate(
            () -> guests.forEach(LinkRoomGuest::speak), PACE_MS, PACE_MS, TimeUnit.MILLISECONDS);
    for (int i = 0; i < RELOADS; i++) {
      int target = guests.stream().mapToInt(LinkRoomGuest::said).max().orElse(0) + BETWEEN;
      awaitAll("each says more", guest -> guest.said() >= target);
      Moved moved = Moved.by(server, "reload");
      assertThat(moved.migrated()).isGreaterThanOrEqualTo(GUESTS);
      assertThat(moved.closed()).isZero();
    }
    speakers.shutdown();
    assertThat(speakers.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    awaitAll("each has heard all", guest -> guests.stream().allMatch(guest::hasAllOf));
    awaitProbes();
    assertThat(guests).extracting(LinkRoomGuest::flaw).containsOnly("");
    assertThat(guests).allMatch(guest -> guests.stream().allMatch(guest::hasAllOf));
    assertThat(server.status().total("workerDeaths")).isZero();
    assertThat(server.http("/metrics").body())
        .containsPattern("baton_topics_delivered_total\\{slot=\"\\d\"} [1-9]")
        .containsPattern("baton_topics_relayed_total\\{slot=\"\\d\"} [1-9]")
        .doesNotContainPattern("baton_topics_missed_total\\{[^}]*} [1-9]");
  }
}
