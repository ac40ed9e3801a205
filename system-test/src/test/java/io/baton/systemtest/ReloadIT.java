package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One reload after the other, under load of all kinds: nobody notices. */
class ReloadIT {
  private static final int RELOADS = Nightly.of(200, 3);
  private static final int CLIENTS = 500;

  @RegisterExtension final Servers servers = Servers.perTest();

  @Test
  void reloadsBackToBackLoseNoRequestNoConnectionAndNoByte() throws Exception {
    Shell.need("reloadsBackToBackLoseNoRequestNoConnectionAndNoByte", "wrk");
    TestServer server = servers.create();
    Site site = Site.of(server);
    server.start();
    int generation = 1;
    try (Talkers talkers = new Talkers(site.webSocket("/echo"), CLIENTS);
        Streams streams = new Streams(server.echo, CLIENTS);
        Wrk wrk = new Wrk(site.page().resolve("/hello"), 16)) {
      talkers.awaitAnswers();
      streams.awaitAnswers();
      for (int i = 0; i < RELOADS; i++) {
        Moved moved = Moved.by(server, "reload");
        assertThat(moved.from()).isEqualTo(generation);
        assertThat(moved.to()).isEqualTo(++generation);
        assertThat(moved.workers()).isEqualTo("2 workers replaced");
        assertThat(moved.migrated()).isGreaterThanOrEqualTo(2 * CLIENTS);
        assertThat(moved.closed()).isZero();
        talkers.awaitAnswers();
        streams.awaitAnswers();
      }
      wrk.assertNoFailure();
      talkers.finish();
      streams.finish();
      talkers.assertUnharmed();
      streams.assertUnharmed();
    }
    Status status =
        server.await("all have left", s -> s.listeners().stream().allMatch(l -> l.open() == 0));
    assertThat(status.generation()).isEqualTo(generation);
    assertThat(status.workers()).hasSize(2);
    assertThat(status.total("refused")).isZero();
    assertThat(status.total("stranded")).isZero();
    assertThat(status.total("lostWithWorker")).isZero();
    assertThat(status.total("workerDeaths")).isZero();
    assertThat(server.processes()).hasSize(3);
    server.awaitOnlyFilesOf(generation);
  }
}
