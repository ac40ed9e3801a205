package io.baton.link.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.Ending;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.core.LinkCode;
import io.baton.link.types.Types;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TestLinkTest {
  /** What the client sends. */
  public sealed interface Order {
    /** Adds to the sum. */
    record Add(int amount) implements Order {}

    /** Has the service fail. */
    record Fail() implements Order {}

    /** Has the service close the session. */
    record Quit(String why) implements Order {}
  }

  /** What the service answers. */
  public record Sum(long value) {}

  private static final Types<Order> ORDERS = Types.of(Order.class);
  private static final Types<Sum> SUMS = Types.of(Sum.class);

  /** Adds up what it is told, and writes down its callbacks. */
  private static final class Adder implements LinkHandler<Order, Sum> {
    private final List<String> told;
    private long sum;

    Adder(List<String> told) {
      this.told = told;
    }

    @Override
    public void received(LinkSession<Order, Sum> session, Order message) {
      switch (message) {
        case Order.Add(int amount) -> {
          sum += amount;
          session.send(new Sum(sum));
        }
        case Order.Fail() -> throw new IllegalStateException("as ordered");
        case Order.Quit(String why) -> session.close(300, why);
      }
    }

    @Override
    public void away(LinkSession<Order, Sum> session) {
      told.add("away");
    }

    @Override
    public void back(LinkSession<Order, Sum> session) {
      told.add("back");
    }

    @Override
    public void draining(LinkSession<Order, Sum> session) {
      session.send(new Sum(-1));
      session.close(300, "draining");
    }

    @Override
    public void closed(LinkSession<Order, Sum> session, Ending why) {
      told.add("closed " + why.code() + (why.isLost() ? " lost" : ""));
    }

    @Override
    public byte[] save(LinkSession<Order, Sum> session) {
      return ByteBuffer.allocate(8).putLong(sum).array();
    }

    @Override
    public void resumed(LinkSession<Order, Sum> session, byte[] saved) {
      sum = ByteBuffer.wrap(saved).getLong();
      told.add("resumed");
    }
  }

  private final List<String> told = new ArrayList<>();
  private final TestLink<Order, Sum> link = TestLink.ofService(ORDERS, SUMS, () -> new Adder(told));

  private void add(int amount) {
    assertThat(link.client().send(new Order.Add(amount))).isTrue();
  }

  @Test
  void aServiceAnswersItsClient() {
    assertThat(link.open()).isTrue();
    add(2);
    add(3);
    assertThat(link.takeReceivedByClient()).containsExactly(new Sum(2), new Sum(5));
    assertThat(link.takeReceivedByService()).containsExactly(new Order.Add(2), new Order.Add(3));
  }

  @Test
  void aLostConnectionLosesNoMessage() {
    link.open();
    add(1);
    link.lose();
    assertThat(link.client().state()).isEqualTo(LinkSession.State.AWAY);
    add(2);
    assertThat(link.takeReceivedByClient()).isEmpty();
    assertThat(link.back()).isTrue();
    assertThat(link.takeReceivedByClient()).containsExactly(new Sum(1), new Sum(3));
    assertThat(told).containsExactly("away", "back");
  }

  @Test
  void aCutAfterAnyByteLosesNoMessage() {
    for (int bytes = 1; bytes < 300; bytes++) {
      TestLink<Order, Sum> cut = TestLink.ofService(ORDERS, SUMS, () -> new Adder(told));
      cut.open();
      cut.lose(bytes);
      IntStream.range(0, 20).forEach(i -> cut.client().send(new Order.Add(1)));
      cut.run();
      if (cut.client().state() == LinkSession.State.AWAY) {
        cut.back();
      }
      assertThat(cut.takeReceivedByClient())
          .describedAs("cut after %d bytes", bytes)
          .isEqualTo(IntStream.rangeClosed(1, 20).mapToObj(Sum::new).toList());
    }
  }

  @Test
  void aMovedServiceGoesOnFromWhatItSaved() {
    link.open();
    add(1);
    LinkSession<Order, Sum> before = link.service();
    link.move();
    add(2);
    assertThat(link.takeReceivedByClient()).containsExactly(new Sum(1), new Sum(3));
    assertThat(told).containsExactly("resumed");
    assertThat(before.send(new Sum(0))).isFalse();
  }

  @Test
  void aServiceThatHearsOfADrainEndsInOrder() {
    link.open();
    add(1);
    link.drain();
    link.drain();
    assertThat(link.takeReceivedByClient())
        .as("told once: the session is closed then")
        .containsExactly(new Sum(1), new Sum(-1));
    assertThat(told).containsExactly("closed 300");
  }

  @Test
  void aServiceMovesWhileItsClientIsAway() {
    link.open();
    link.lose();
    link.service().send(new Sum(7));
    link.move();
    add(1);
    link.back();
    assertThat(link.takeReceivedByClient()).containsExactly(new Sum(7), new Sum(1));
    assertThat(told).containsExactly("away", "resumed", "back");
  }

  @Test
  void whenTheGraceIsOverBothSidesAreLost() {
    link.grace(Duration.ofSeconds(10)).open();
    link.lose();
    link.advance(Duration.ofSeconds(9));
    assertThat(link.clientEnding()).isEmpty();
    link.advance(Duration.ofSeconds(1));
    assertThat(link.clientEnding()).hasValueSatisfying(end -> assertThat(end.isLost()).isTrue());
    assertThat(told).containsExactly("away", "closed 0 lost");
    assertThat(link.client().send(new Order.Add(1))).isFalse();
  }

  @Test
  void aRefusedOpeningTellsNobody() {
    link.refuse(LinkCode.FORBIDDEN);
    assertThat(link.open()).isFalse();
    assertThat(told).isEmpty();
  }

  @Test
  void aReturnThatIsRefusedForNowMayBeTriedAgain() {
    link.open();
    link.lose();
    link.refuse(LinkCode.RETRY_LATER);
    assertThat(link.back()).isFalse();
    assertThat(link.clientEnding()).isEmpty();
    assertThat(link.back()).isTrue();
  }

  @Test
  void aReturnToAForgottenSessionLosesIt() {
    link.open();
    link.lose();
    link.refuse(LinkCode.NO_SUCH_SESSION);
    assertThat(link.back()).isFalse();
    assertThat(link.clientEnding())
        .hasValueSatisfying(end -> {
          assertThat(end.isLost()).isTrue();
          assertThat(end.code()).isEqualTo(LinkCode.NO_SUCH_SESSION.number());
        });
  }

  @Test
  void anExceptionOfACallbackComesOutAndClosesTheSession() {
    link.open();
    link.client().send(new Order.Fail());
    assertThatThrownBy(link::run).hasMessage("as ordered");
    assertThat(link.clientEnding())
        .hasValueSatisfying(end -> assertThat(end.code()).isEqualTo(LinkCode.ERROR.number()));
    assertThat(told).containsExactly("closed 16");
  }

  @Test
  void whatWasSentBeforeACloseArrives() {
    link.open();
    add(1);
    link.client().close();
    assertThat(link.takeReceivedByService()).containsExactly(new Order.Add(1));
    assertThat(told).containsExactly("closed 18");
    assertThat(link.clientEnding()).contains(new Ending(18, "", false));
  }

  @Test
  void aCodeOfTheApplicationReachesTheOtherSide() {
    link.open();
    link.client().send(new Order.Quit("enough"));
    assertThat(link.clientEnding()).contains(new Ending(300, "enough", false));
  }

  @Test
  void aServiceThatDoesNotAcceptClosesTheSession() {
    TestLink<Order, Sum> closed =
        TestLink.ofService(
            ORDERS,
            SUMS,
            () ->
                new LinkHandler<>() {
                  @Override
                  public boolean opened(LinkSession<Order, Sum> session) {
                    return false;
                  }

                  @Override
                  public void received(LinkSession<Order, Sum> session, Order message) {}
                });
    assertThat(closed.open()).isFalse();
    assertThat(closed.clientEnding())
        .hasValueSatisfying(
            end -> assertThat(end.code()).isEqualTo(LinkCode.DENIED_BY_SERVICE.number()));
  }

  @Test
  void aClientIsTestedAgainstTheTestsWordsAsService() {
    List<Sum> sums = new ArrayList<>();
    TestLink<Order, Sum> client =
        TestLink.ofClient(SUMS, ORDERS, (session, message) -> sums.add(message));
    client.open();
    client.client().send(new Order.Add(4));
    assertThat(client.takeReceivedByService()).containsExactly(new Order.Add(4));
    client.service().send(new Sum(4));
    client.run();
    assertThat(sums).containsExactly(new Sum(4));
  }

  @Test
  void moreThanAWindowWaitsForTheOtherSide() {
    link.window(1_024).open();
    for (int i = 0; i < 5_000; i++) {
      add(1);
    }
    assertThat(link.takeReceivedByClient()).hasSize(5_000).endsWith(new Sum(5_000));
  }

  @Test
  void aSendThatWouldWaitForEverIsTold() {
    link.window(1_024).open();
    link.lose();
    assertThatThrownBy(() -> IntStream.range(0, 1_000).forEach(this::add))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("and it is away");
  }
}
