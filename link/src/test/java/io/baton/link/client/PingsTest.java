package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.LinkClock;
import io.baton.link.LinkSession;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Signs of life and samples of the server's clock, by a time that the tests let pass. */
class PingsTest extends MemoryServerTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final RecordingHandler handler = new RecordingHandler();

  @Test
  void aSilentConnectionIsAskedForASignOfLife() throws Exception {
    open(handler);
    advance(Duration.ofMillis(29_999));
    assertThat(server.told).isEmpty();
    for (int i = 0; i < 5; i++) {
      advance(SECOND);
      assertThat(server.next()).isEqualTo("pinged");
      settle();
      advance(Duration.ofSeconds(29));
    }
    assertThat(server.dialed()).isEqualTo(1);
    assertThat(handler.told).containsExactly("opened");
  }

  /** Waits until all that the server has sent is read. */
  private void settle() throws Exception {
    int before = handler.awaitNumbers(0).size();
    server.run(core -> core.send(0, server.bytes(before)));
    assertThat(handler.awaitNumbers(before + 1)).hasSize(before + 1);
  }

  @Test
  void aConnectionWithoutASignOfLifeIsReplaced() throws Exception {
    open(handler);
    assertThat(handler.next()).isEqualTo("opened");
    server.silence(true);
    server.refuse(true);
    advance(Duration.ofMillis(39_999));
    assertThat(handler.told).isEmpty();
    advance(Duration.ofMillis(1));
    assertThat(handler.next()).isEqualTo("away");
    server.silence(false);
    server.refuse(false);
    int before = server.dialed();
    await(() -> {
      if (server.dialed() == before) {
        advance(Duration.ofMillis(50)); // The longest wait before the second attempt.
      }
      return server.dialed() > before;
    });
    assertThat(handler.next()).isEqualTo("back");
  }

  @Test
  void aShorterSilenceIsFollowedByAsLongAWait() throws Exception {
    settings.keepAlive = Duration.ofSeconds(2);
    open(handler);
    assertThat(handler.next()).isEqualTo("opened");
    server.silence(true);
    advance(Duration.ofMillis(3_999));
    assertThat(handler.told).isEmpty();
    advance(Duration.ofMillis(1));
    assertThat(handler.next()).isEqualTo("away");
    server.silence(false);
  }

  @Test
  void aConnectionThatIsNotSilentIsAskedNothing() throws Exception {
    open(handler);
    for (int i = 0; i < 10; i++) {
      advance(Duration.ofSeconds(20));
      settle();
    }
    assertThat(server.told).doesNotContain("pinged");
  }

  @Test
  void withoutKeepAliveNothingIsAsked() throws Exception {
    settings.keepAlive = Duration.ZERO;
    open(handler);
    assertThat(clock.timers()).isZero();
    advance(Duration.ofHours(10));
    assertThat(server.told).isEmpty();
  }

  @Test
  void samplesOfTheClockBeginWithTheFirstCall() throws Exception {
    settings.keepAlive = Duration.ZERO;
    LinkSession<Note, Note> session = open(handler);
    assertThat(clock.timers()).isZero();
    LinkClock servers = session.clock();
    assertThat(servers.offset()).isEmpty();
    advance(Duration.ofMillis(1));
    await(() -> servers.offset().isPresent());
    long offset = servers.offset().orElseThrow();
    long bound = servers.bound().orElseThrow();
    assertThat(MemoryServer.CLOCK_OFFSET).isBetween(offset - bound, offset + bound);
    assertThat(servers.toPeer(100)).isEqualTo(100 + offset);
    assertThat(session.clock()).isSameAs(servers);
    for (int i = 1; i < 16; i++) {
      assertThat(server.next()).isEqualTo("pinged");
      advance(Duration.ofMillis(20));
    }
    assertThat(server.next()).isEqualTo("pinged");
    advance(Duration.ofSeconds(9));
    assertThat(server.told).isEmpty();
    advance(SECOND);
    assertThat(server.next()).isEqualTo("pinged");
  }

  @Test
  void samplesGoOnOverTheNextConnection() throws Exception {
    settings.keepAlive = Duration.ZERO;
    LinkSession<Note, Note> session = open(handler);
    LinkClock servers = session.clock();
    server.cut();
    settle();
    advance(Duration.ofMillis(100));
    assertThat(server.next()).isEqualTo("pinged");
    await(() -> servers.offset().isPresent());
  }
}
