package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.Ending;
import io.baton.link.Link;
import io.baton.link.Option;
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
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When the client tries again and when it gives up, without sockets and without waiting. */
class ConnectorTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final FakeClientClock clock = new FakeClientClock();
  private final ReentrantLock lock = new ReentrantLock();
  private final List<HandshakeConnection> connections = new ArrayList<>();
  private int attempts;

  private interface Attempt {
    LinkConnection dial(int number) throws IOException;
  }

  private Connector connector(Attempt attempt, Option... options) {
    return new Connector(
        LinkAddress.parse("tcp://h:7100/chat"),
        longest -> attempt.dial(++attempts),
        ClientSettings.of(options),
        clock,
        new Random(1),
        lock,
        lock.newCondition());
  }

  private Connector.Result open(Attempt attempt, Option... options) {
    return connector(attempt, options).connect(null, MINUTE, () -> false);
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

  private static Ending why(Connector.Result result) {
    assertThat(result).isInstanceOf(Connector.Result.GivenUp.class);
    return ((Connector.Result.GivenUp) result).why();
  }

  @Test
  void aServerThatIsThereIsReachedAtOnce() {
    Connector.Result result = open(n -> answering(server -> {}));
    assertThat(result)
        .isInstanceOfSatisfying(
            Connector.Result.Connected.class, c -> assertThat(c.graceMillis()).isEqualTo(60_000));
    assertThat(clock.waits).isEmpty();
  }

  @Test
  void aServerThatComesLaterIsReachedThen() {
    Connector.Result result =
        open(n -> {
          if (n < 6) {
            throw new ConnectException("refused");
          }
          return answering(server -> {});
        });
    assertThat(result).isInstanceOf(Connector.Result.Connected.class);
    assertThat(clock.waits).hasSize(5);
    for (int i = 0; i < 5; i++) {
      assertThat(clock.waits.get(i)).isLessThanOrEqualTo(Duration.ofMillis(50L << i));
    }
  }

  @Test
  void aServerThatNeverComesIsGivenUpWhenTheTimeIsOver() {
    Ending why =
        why(
            open(n -> {
              throw new ConnectException("refused");
            }));
    assertThat(waited()).isEqualTo(MINUTE);
    assertThat(attempts).isBetween(12, 60);
    assertThat(why.code()).isEqualTo(Ending.UNTOLD);
    assertThat(why.text())
        .isEqualTo(
            "no session of service chat at tcp://h:7100, after %d attempts within 60.0 s; the last"
                    .formatted(attempts)
                + " one: refused");
    assertThat(why.isLost()).isFalse();
  }

  @Test
  void aRefusalForGoodIsNotTriedAgain() {
    for (LinkCode code :
        List.of(
            LinkCode.FORBIDDEN,
            LinkCode.UNKNOWN_SERVICE,
            LinkCode.VERSION,
            LinkCode.DENIED_BY_SERVICE)) {
      attempts = 0;
      assertThat(why(open(n -> answering(refusing(code, 0)))).code()).isEqualTo(code.number());
      assertThat(attempts).isEqualTo(1);
    }
    assertThat(connections).allSatisfy(each -> assertThat(each.closed).isTrue());
  }

  @Test
  void aRefusalForNowIsTriedAgainWhenTheServerSays() {
    for (LinkCode code : List.of(LinkCode.RETRY_LATER, LinkCode.SHUTDOWN, LinkCode.TOO_MANY)) {
      attempts = 0;
      clock.waits.clear();
      Connector.Result result = open(n -> answering(n == 1 ? refusing(code, 3_000) : server -> {}));
      assertThat(result).isInstanceOf(Connector.Result.Connected.class);
      assertThat(waited()).isBetween(Duration.ofMillis(3_000), Duration.ofMillis(3_050));
    }
  }

  @Test
  void aServerThatClosesDuringTheHandshakeIsTriedAgain() {
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
    assertThat(open(n -> n == 1 ? silent : answering(server -> {})))
        .isInstanceOf(Connector.Result.Connected.class);
  }

  @Test
  void anAddressThatThisJvmCannotReachIsNotTriedAgain() {
    Ending why =
        why(
            open(n -> {
              throw new UnsupportedOperationException("needs Java 22");
            }));
    assertThat(attempts).isEqualTo(1);
    assertThat(why.text()).endsWith("needs Java 22");
  }

  @Test
  void aSessionThatNobodyWantsAnyMoreIsGivenUp() {
    Connector.Result result =
        connector(
                n -> {
                  throw new ConnectException("refused");
                })
            .connect(null, MINUTE, () -> attempts == 3);
    assertThat(result).isInstanceOf(Connector.Result.GivenUp.class);
    assertThat(attempts).isEqualTo(3);
  }

  @Test
  void aSessionIsResumedWithItsCore() {
    LinkCore mine = session();
    LinkCore servers = connections.getFirst().server().core();
    Connector.Result result =
        resume(n -> remembered(new HandshakeConnection(server -> {}, servers)), mine);
    assertThat(result)
        .isInstanceOfSatisfying(
            Connector.Result.Connected.class, c -> assertThat(c.core()).isSameAs(mine));
    assertThat(mine.attached()).isTrue();
  }

  @Test
  void aForgottenSessionIsLostAtOnce() {
    Ending why = why(resume(n -> answering(refusing(LinkCode.NO_SUCH_SESSION, 0)), session()));
    assertThat(why.code()).isEqualTo(LinkCode.NO_SUCH_SESSION.number());
    assertThat(why.isLost()).isTrue();
    assertThat(clock.waits).isEmpty();
  }

  @Test
  void aRefusalWithoutProofIsNotBelievedByAClientWithAToken() {
    Ending why =
        why(
            resume(
                n -> answering(refusing(LinkCode.NO_SUCH_SESSION, 0)),
                session(),
                Link.token(new byte[] {1})));
    assertThat(waited()).isEqualTo(MINUTE);
    assertThat(why.isLost()).isTrue();
  }

  /** Opens a session and loses its connection. */
  private LinkCore session() {
    Connector.Result result = open(n -> answering(server -> {}));
    attempts = 0;
    LinkCore core = ((Connector.Result.Connected) result).core();
    core.lost();
    return core;
  }

  private Connector.Result resume(Attempt attempt, @Nullable LinkCore core, Option... options) {
    return connector(attempt, options).connect(core, MINUTE, () -> false);
  }
}
