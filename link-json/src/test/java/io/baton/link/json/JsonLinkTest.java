package io.baton.link.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.Ending;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.testkit.TestLink;
import io.baton.link.types.Output;
import io.baton.link.types.ReadingPlan;
import io.baton.link.types.SchemaException;
import io.baton.link.types.Types;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A service and its client with messages in JSON both ways. */
class JsonLinkTest {
  /** What the client sends. */
  public sealed interface Order {
    /** Adds to the sum. */
    record Add(int amount, List<String> notes) implements Order {}

    /** Sets the sum to 0. */
    record Reset() implements Order {}
  }

  /** What the service answers. */
  public record Sum(long value) {}

  private static final class Adder implements LinkHandler<Order, Sum> {
    private long sum;

    @Override
    public void received(LinkSession<Order, Sum> session, Order message) {
      switch (message) {
        case Order.Add(int amount, List<String> notes) -> sum += amount + notes.size();
        case Order.Reset() -> sum = 0;
      }
      session.send(new Sum(sum));
    }
  }

  @Test
  void aServiceAnswersInJson() {
    TestLink<Order, Sum> link =
        TestLink.ofService(JsonTypes.of(Order.class), JsonTypes.of(Sum.class), Adder::new);
    assertThat(link.open()).isTrue();
    link.client().send(new Order.Add(2, List.of("x")));
    link.lose();
    link.client().send(new Order.Reset());
    assertThat(link.back()).isTrue();
    assertThat(link.takeReceivedByClient()).containsExactly(new Sum(3), new Sum(0));
    assertThat(link.takeReceivedByService())
        .containsExactly(new Order.Add(2, List.of("x")), new Order.Reset());
  }

  /** Types that one side announces and writes in one format, and the other expects in another. */
  private static <M> Types<M> written(Types<M> writer, Types<M> reader) {
    return new Types<>() {
      @Override
      public byte[] schema() {
        return writer.schema();
      }

      @Override
      public void write(M message, Output out) {
        writer.write(message, out);
      }

      @Override
      public ReadingPlan<M> reading(byte[] peers) throws SchemaException {
        return reader.reading(peers);
      }
    };
  }

  private static List<String> endings(Types<Order> orders) {
    List<String> endings = new ArrayList<>();
    LinkHandler<Sum, Order> client =
        new LinkHandler<>() {
          @Override
          public void received(LinkSession<Sum, Order> session, Sum message) {
            throw new AssertionError("nothing is answered");
          }

          @Override
          public void closed(LinkSession<Sum, Order> session, Ending why) {
            endings.add(why.code() + " " + why.text());
          }
        };
    TestLink<Order, Sum> link =
        TestLink.between(orders, JsonTypes.of(Sum.class), client, Adder::new);
    link.open();
    link.client().send(new Order.Reset());
    link.run();
    return endings;
  }

  @Test
  void aSideThatExpectsTheOtherFormatEndsTheSessionWithSchema() {
    Types<Order> json = JsonTypes.of(Order.class);
    Types<Order> binary = Types.of(Order.class);
    assertThat(endings(written(json, binary)))
        .containsExactly(
            "8 the types are JSON at the peer and in the binary format (Types.of) here");
    assertThat(endings(written(binary, json)))
        .containsExactly("8 the types are in another format at the peer and JSON (JsonTypes) here");
  }
}
