package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.baton.link.Ending;
import io.baton.link.LinkException;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.ServerHandshake;
import io.baton.service.Peer;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** When the client tries again and when it gives up, without sockets and without waiting. */
class ConnectorTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final FakeClientClock clock = new FakeClientClock();
  private final List<HandshakeConnection> connections = new ArrayList<>();
  private int attempts;

  private interface Attempt {
    LinkConnection dial(int number) throws IOException;
  }

  private Connector connector(Attempt attempt, ClientSettings settings) {
    return new Connector(
        LinkAddress.parse("tcp://h:7100/chat"),
        longest -> attempt.dial(++attempts),
        new SessionContext(settings, clock),
        new Random(1));
  }

  private Connector.Connected open(Attempt attempt) throws LinkException {
    return connector(attempt, new ClientSettings()).connect(null, MINUTE, () -> false);
  }

  private LinkConnection answering(Consumer<ServerHandshake> answer) {
    return remembered(new HandshakeConnection(answer, null));
  }

  private LinkConnection remembered(HandshakeConnection connection) {
    connections.add(connection);
    return connection;
  }

  private static Consumer<ServerHandshake> refusing(LinkCode code, long retryAfterMillis) {
    return server -> server.refuse(code, retryAfterMillis, "not you", List.of());
  }

  private Duration waited() {
    return clock.waits.stream().reduce(Duration.ZERO, Duration::plus);
  }

  private static LinkException why(ThrowingCallable connecting) {
    return catchThrowableOfType(LinkException.class, connecting);
  }

  @Test
  void aServerThatIsThereIsReachedAtOnce() throws Exception {
    Connector.Connected result = open(n -> answering(server -> {}));
    assertThat(result.graceMillis()).isEqualTo(60_000);
    assertThat(clock.waits).isEmpty();
  }

  @Test
  void aServerThatComesLaterIsReachedThen() throws Exception {
    Connector.Connected result =
        open(n -> {
          if (n < 6) {
            throw new ConnectException("refused");
          }
          return answering(server -> {});
        });
    assertThat(result.core().attached()).isTrue();
    assertThat(clock.waits).hasSize(5);
    for (int i = 0; i < 5; i++) {
      assertThat(clock.waits.get(i)).isLessThanOrEqualTo(Duration.ofMillis(50L << i));
    }
  }

  @Test
  void aServerThatNeverComesIsGivenUpWhenTheTimeIsOver() throws Exception {
    LinkException why =
        why(() ->
            open(n -> {
              throw new ConnectException("refused");
            }));
    assertThat(waited()).isEqualTo(MINUTE);
    assertThat(attempts).isBetween(12, 60);
    assertThat(why.code()).isEqualTo(Ending.UNTOLD);
    assertThat(why)
        .hasMessage(
            "no session of service chat at tcp://h:7100, after %d attempts within 60.0 s; the last"
                    .formatted(attempts)
                + " one: refused");
  }

  @Test
  void aRefusalForGoodIsNotTriedAgain() throws Exception {
    for (LinkCode code :
        List.of(
            LinkCode.FORBIDDEN,
            LinkCode.UNKNOWN_SERVICE,
            LinkCode.VERSION,
            LinkCode.DENIED_BY_SERVICE)) {
      attempts = 0;
      assertThat(why(() -> open(n -> answering(refusing(code, 0)))).code())
          .isEqualTo(code.number());
      assertThat(attempts).isEqualTo(1);
    }
    assertThat(connections).allSatisfy(each -> assertThat(each.closed).isTrue());
  }

  @Test
  void aRefusalForNowIsTriedAgainWhenTheServerSays() throws Exception {
    for (LinkCode code : List.of(LinkCode.RETRY_LATER, LinkCode.SHUTDOWN, LinkCode.TOO_MANY)) {
      attempts = 0;
      clock.waits.clear();
      Connector.Connected result =
          open(n -> answering(n == 1 ? refusing(code, 3_000) : server -> {}));
      assertThat(result.core().attached()).isTrue();
      assertThat(waited()).isBetween(Duration.ofMillis(3_000), Duration.ofMillis(3_050));
    }
  }

  @Test
  void theLastRefusalIsToldIfLaterAttemptsAreCutOff() throws Exception {
    LinkException why =
        why(() ->
            open(n -> {
              if (n > 1) {
                throw new ConnectException("cut off");
              }
              return answering(refusing(LinkCode.TOO_MANY, 0));
            }));
    assertThat(waited()).isEqualTo(MINUTE);
    assertThat(why.code()).isEqualTo(LinkCode.TOO_MANY.number());
    assertThat(why).hasMessageEndingWith("the server refused with TOO_MANY: not you");
  }

  @Test
  void aServerThatClosesDuringTheHandshakeIsTriedAgain() throws Exception {
    LinkConnection silent =
        new LinkConnection() {
          @Override
          public int read(ByteBuffer to) {
            return -1;
          }

          @Override
          public void write(ByteBuffer from) {
            from.position(from.limit());
          }

          @Override
          public Peer peer() {
            return new Peer.Unix(1, 1);
          }

          @Override
          public void close() {}
        };
    Connector.Connected result = open(n -> n == 1 ? silent : answering(server -> {}));
    assertThat(result.core().attached()).isTrue();
    assertThat(clock.waits).hasSize(1);
  }

  @Test
  void anAddressThatThisJvmCannotReachIsNotTriedAgain() throws Exception {
    LinkException why =
        why(() ->
            open(n -> {
              throw new UnsupportedOperationException("needs Java 22");
            }));
    assertThat(attempts).isEqualTo(1);
    assertThat(why).hasMessageEndingWith("needs Java 22");
  }

  @Test
  void aSessionThatNobodyWantsAnyMoreIsGivenUp() throws Exception {
    Connector connector =
        connector(
            n -> {
              throw new ConnectException("refused");
            },
            new ClientSettings());
    assertThat(why(() -> connector.connect(null, MINUTE, () -> attempts == 3)))
        .hasMessageContaining("after 3 attempts");
    assertThat(attempts).isEqualTo(3);
  }

  @Test
  void aSessionIsResumedWithItsCore() throws Exception {
    LinkCore mine = session();
    LinkCore servers = connections.getFirst().server().core();
    Connector.Connected result =
        resume(n -> remembered(new HandshakeConnection(server -> {}, servers)), mine);
    assertThat(result.core()).isSameAs(mine);
    assertThat(mine.attached()).isTrue();
  }

  @Test
  void aForgottenSessionIsLostAtOnce() throws Exception {
    LinkCore core = session();
    LinkException why =
        why(() -> resume(n -> answering(refusing(LinkCode.NO_SUCH_SESSION, 0)), core));
    assertThat(why.code()).isEqualTo(LinkCode.NO_SUCH_SESSION.number());
    assertThat(clock.waits).isEmpty();
  }

  @Test
  void aRefusalWithoutProofIsNotBelievedByAClientWithAToken() throws Exception {
    LinkCore core = session();
    ClientSettings settings = new ClientSettings();
    settings.token = new byte[] {1};
    Connector connector =
        connector(n -> answering(refusing(LinkCode.NO_SUCH_SESSION, 0)), settings);
    assertThat(why(() -> connector.connect(core, MINUTE, () -> false)).code())
        .isEqualTo(LinkCode.NO_SUCH_SESSION.number());
    assertThat(waited()).isEqualTo(MINUTE);
  }

  /** Opens a session and loses its connection. */
  private LinkCore session() throws LinkException {
    Connector.Connected result = open(n -> answering(server -> {}));
    attempts = 0;
    result.core().lost();
    return result.core();
  }

  private Connector.Connected resume(Attempt attempt, LinkCore core) throws LinkException {
    return connector(attempt, new ClientSettings()).connect(core, MINUTE, () -> false);
  }
}
