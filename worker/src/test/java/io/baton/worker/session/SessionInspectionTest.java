package io.baton.worker.session;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.codec.UnderWay;
import io.baton.pipe.SessionDescription;
import io.baton.pipe.SessionDescription.Detail;
import io.baton.pipe.SessionDescription.State;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Peer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionInspectionTest {
  private Supplier<UnderWay> underWay = () -> UnderWay.NONE;
  private Supplier<Map<String, String>> details = Map::of;
  private final SessionHarness<ByteBuf, ByteBuf> session =
      new SessionHarness<>(new Telling()).open();

  /** Hands out what it reads, and tells what the test wants it to. */
  private final class Telling implements Codec<ByteBuf, ByteBuf> {
    @Override
    public Class<ByteBuf> in() {
      return ByteBuf.class;
    }

    @Override
    public Class<ByteBuf> out() {
      return ByteBuf.class;
    }

    @Override
    public int window() {
      return 16;
    }

    @Override
    public Flow install(CodecContext context) {
      return new Flow() {
        @Override
        public Phase phase() {
          return Phase.IDLE;
        }

        @Override
        public void resume() {}

        @Override
        public Optional<Saved> save() {
          return Optional.empty();
        }

        @Override
        public UnderWay underWay() {
          return underWay.get();
        }

        @Override
        public Map<String, String> details() {
          return details.get();
        }

        @Override
        public void drain() {}

        @Override
        public void goodbye(CloseReason why) {}
      };
    }
  }

  @AfterEach
  void close() {
    session.close();
  }

  private ManagedSession managed() {
    return session.context().sessions().all().getFirst();
  }

  private SessionDescription description() {
    return ((FoundSession) managed()).describe();
  }

  private static RuntimeException broken() {
    return new IllegalStateException("a mistake of the codec");
  }

  @Test
  void aSessionIsDescribedWithWhatItHoldsAndWhatItsCodecTells() {
    Map<String, String> told = new LinkedHashMap<>();
    told.put("z", "first");
    told.put("a", "second");
    details = () -> told;
    session.probe.onReceived =
        (its, message) -> {
          Hold _ = its.hold();
          message.release();
        };
    session.channel.writeInbound(Unpooled.copiedBuffer("four", US_ASCII));
    session.channel.advanceTimeBy(3, TimeUnit.SECONDS);
    assertThat(description())
        .isEqualTo(
            new SessionDescription(
                "test",
                "",
                new Peer.Unix(1, 2),
                null,
                "",
                State.OPEN,
                3_000,
                -1,
                4,
                0,
                1,
                List.of(new Detail("z", "first"), new Detail("a", "second"))));
  }

  @Test
  void noMoreDetailsAreTakenThanMayBeShown() {
    Map<String, String> many = new LinkedHashMap<>();
    IntStream.range(0, 1_000).forEach(i -> many.put("detail " + i, ""));
    details = () -> many;
    assertThat(description().details())
        .hasSize(SessionDescription.MAX_DETAILS)
        .endsWith(new Detail("detail " + (SessionDescription.MAX_DETAILS - 1), ""));
  }

  @Test
  void aSessionThatEndsSaysSo() {
    session.probe.onReceived =
        (its, message) -> {
          Hold _ = its.hold();
          message.release();
        };
    session.channel.writeInbound(Unpooled.copiedBuffer("x", US_ASCII));
    ((ClientSession) managed()).turnAway();
    assertThat(description().state()).isEqualTo(State.ENDING);
  }

  @Test
  void whatIsUnderWayIsTheCodecsToTell() {
    underWay = () -> new UnderWay(2, 3);
    assertThat(managed().underWay()).isEqualTo(new UnderWay(2, 3));
  }

  @Test
  void aCodecThatFailsToTellEndsItsSessionInALaterTurn() {
    underWay =
        () -> {
          throw broken();
        };
    assertThat(managed().underWay()).isEqualTo(UnderWay.NONE);
    assertThat(session.context().sessions().size()).as("not in this turn").isEqualTo(1);
    session.channel.runPendingTasks();
    assertThat(session.probe.events).contains("closed ERROR");
    assertThat(session.context().sessions().isEmpty()).isTrue();
  }

  @Test
  void aCodecThatFailsToDescribeLeavesTheRestOfTheDescription() {
    details =
        () -> {
          throw broken();
        };
    assertThat(description().details()).isEmpty();
    session.channel.runPendingTasks();
    assertThat(session.probe.events).contains("closed ERROR");
  }
}
