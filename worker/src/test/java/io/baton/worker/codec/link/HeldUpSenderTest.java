package io.baton.worker.codec.link;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Protocol;
import io.baton.link.TypeSet;
import io.baton.link.core.Limits;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.identity.AuthenticationCounters;
import io.baton.worker.lane.Lane;
import io.baton.worker.lane.Strand;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionHarness;
import io.baton.worker.session.TestRoutes;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A service's thread that waits in {@code send} for a client that grants nothing. */
@ExtendWith(NoLeaks.class)
final class HeldUpSenderTest {
  private static final Limits SMALL = new Limits(1_024, 1_024, 1_024, 1_000_000);
  private static final TypeSet TYPES = new TypeSet(new byte[] {1});
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final List<CloseReason> closed = new ArrayList<>();
  private final List<Session<LinkOutput>> sessions = new ArrayList<>();
  private final CoreClient client = new CoreClient("any", null, new byte[0], SMALL);
  private final SessionHarness<LinkInput, LinkOutput> server =
      new SessionHarness<>(route(), new WaitingLane()).open();

  /** As the lane {@code virtual}, but what is submitted runs at once. */
  private static final class WaitingLane implements Lane {
    @Override
    public Strand strand(Runnable roomAgain) {
      return new Strand() {
        @Override
        public void submit(Runnable task) {
          task.run();
        }

        @Override
        public boolean hasRoom() {
          return true;
        }

        @Override
        public boolean isCurrent() {
          return true;
        }

        @Override
        public boolean mayBlock() {
          return true;
        }
      };
    }

    @Override
    public int depth() {
      return 0;
    }

    @Override
    public void close() {}
  }

  private final class Silent implements Service<LinkInput, LinkOutput> {
    @Override
    public boolean opened(Session<LinkOutput> session) {
      sessions.add(session);
      return true;
    }

    @Override
    public void received(Session<LinkOutput> session, LinkInput message) {}

    @Override
    public void closed(Session<LinkOutput> session, CloseReason why) {
      closed.add(why);
    }
  }

  private Route<LinkInput, LinkOutput> route() {
    LinkServices.Named any =
        new LinkServices.Named("any", Silent::new, List.of(), List.of(), Optional.empty());
    LinkServices services =
        new LinkServices(Map.of("any", any), Limits.DEFAULT, new AuthenticationCounters());
    return new Route<>(
        "link",
        new Protocol<>("", new HandshakeCodec(services), () -> HandshakeCodec.NO_SERVICE),
        services.protocols(),
        TestRoutes.options("write-timeout = " + LIMIT.toSeconds() + "s"));
  }

  @AfterEach
  void close() {
    server.close();
  }

  private void talk() {
    for (int i = 0; i < 4; i++) {
      byte[] bytes = client.sends();
      if (bytes.length > 0) {
        server.client(bytes);
      }
      client.hears(server.out().getBytes(ISO_8859_1));
    }
  }

  private static LinkOutput message() {
    return new LinkOutput.Message(TYPES, ByteBuffer.allocate(500));
  }

  /** Sends until there is no room, and once more on a thread that waits for it. */
  private FutureTask<Boolean> heldUp() {
    talk();
    Session<LinkOutput> session = sessions.getLast();
    while (session.writable()) {
      assertThat(session.send(message())).isTrue();
    }
    FutureTask<Boolean> sends = new FutureTask<>(() -> session.send(message()));
    Thread sender = Thread.ofPlatform().start(sends);
    while (sender.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    return sends;
  }

  @Test
  void itIsToldAfterTheWriteTimeoutThatTheSessionIsOver() throws Exception {
    FutureTask<Boolean> sends = heldUp();
    server.pass(LIMIT.minusMillis(1));
    assertThat(sends.isDone()).isFalse();
    assertThat(server.channel.isOpen()).isTrue();
    server.pass(Duration.ofMillis(20));
    assertThat(sends.get()).isFalse();
    assertThat(closed).containsExactly(CloseReason.LIMIT);
    client.hears(server.out().getBytes(ISO_8859_1));
    assertThat(client.told).last().isEqualTo("closed 10");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void itIsToldAtOnceIfTheConnectionEnds() throws Exception {
    FutureTask<Boolean> sends = heldUp();
    server.drop();
    assertThat(sends.get()).isFalse();
    assertThat(closed).containsExactly(CloseReason.CLIENT);
  }
}
