package io.baton.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.HandoffKind.Unserved;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Pipe;
import io.baton.posix.Fd;
import io.baton.posix.SocketPair;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import io.baton.worker.broker.Broker;
import io.baton.worker.broker.Cluster;
import io.baton.worker.elsewhere.HeldSessions;
import io.baton.worker.elsewhere.Transfers;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.pipe.Adopter;
import io.baton.worker.topics.RemotePublications;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a connection whose session is looked for on other machines. */
class SoughtConnectionsTest {
  /** The most connections of a peer. */
  private static final int OF_PEER = 16;

  private static final int STATE_BYTES = 10;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final ByteBudget budget = new ByteBudget(10_000);
  private final Worker worker = new Worker();
  private final SoughtConnections sought =
      new SoughtConnections(worker, channel.eventLoop(), budget, task -> task);
  private final Machines machines = new Machines();
  private Cluster cluster;
  private SocketPair pair;

  @BeforeEach
  void connect() throws Exception {
    pair = SocketPair.open();
    Cluster.Identity identity =
        new Cluster.Identity(
            "baton", List.of(new byte[16]), 1, RemotePublications.number(2), "server");
    cluster = new Cluster(identity, machines);
    Transfers transfers = new Transfers(cluster, identity, new NoSessions(), sought, budget);
    cluster.join(transfers);
    cluster.start();
    sought.begin(transfers);
  }

  @AfterEach
  void close() {
    worker.adopted.forEach(Fd::close);
    pair.ours().close();
    pair.theirs().close();
    var _ = channel.close();
  }

  private Pipe.Sent leaves(boolean beyondLimit) {
    HandoffKind.State state = new HandoffKind.State.Inline(ByteBuffer.allocate(STATE_BYTES));
    Unserved kind = new Unserved(new SessionKey(1, 2), Search.NOWHERE, state, beyondLimit);
    Handoff handoff = new Handoff(7, 0, new Peer.Unix(1, 2), kind);
    return sought.way(ByteBuffer.allocate(0)).give(handoff, List.of(pair.ours()));
  }

  /** Lets the search come to its end, and nothing is left of it. */
  private void ends() {
    assertThat(sought.isEmpty()).isFalse();
    cluster.tick(1_000);
    cluster.tick(5_000);
    channel.runPendingTasks();
    assertThat(sought.isEmpty()).isTrue();
    assertThat(budget.held()).isZero();
  }

  @Test
  void aConnectionWhoseSessionIsNowhereGoesOn() {
    assertThat(leaves(false)).isEqualTo(Pipe.Sent.YES);
    assertThat(budget.held()).isEqualTo(STATE_BYTES);
    ends();
    assertThat(worker.told).containsExactly("adopted NOWHERE", "started");
    assertThat(worker.adopted).singleElement().matches(Fd::isOpen);
  }

  @Test
  void aConnectionThatCannotGoOnIsClosedAndHasDeparted() {
    worker.fails = true;
    assertThat(leaves(false)).isEqualTo(Pipe.Sent.YES);
    ends();
    assertThat(worker.told).containsExactly("departed 7");
    assertThat(worker.adopted).singleElement().matches(each -> !each.isOpen());
    assertThat(pair.ours().isOpen()).as("that of the channel, which is closed apart").isTrue();
  }

  @Test
  void aConnectionStaysWhileMemoryIsShort() {
    budget.add(budget.limit());
    assertThat(leaves(false)).isEqualTo(Pipe.Sent.FULL);
    assertThat(worker.told).isEmpty();
    assertThat(sought.isEmpty()).isTrue();
    assertThat(budget.held()).isEqualTo(budget.limit());
  }

  @Test
  void aPeerHasSoManyConnectionsAtMost() {
    for (int i = 0; i < OF_PEER; i++) {
      assertThat(leaves(false)).isEqualTo(Pipe.Sent.YES);
    }
    assertThat(leaves(false)).isEqualTo(Pipe.Sent.FULL);
    ends();
    assertThat(worker.told).hasSize(2 * OF_PEER);
    assertThat(leaves(true)).isEqualTo(Pipe.Sent.YES);
    ends();
  }

  @Test
  void aConnectionGoesOnWhenTheBrokerIsGone() {
    machines.isDown = true;
    assertThat(leaves(false)).isEqualTo(Pipe.Sent.YES);
    channel.runPendingTasks();
    assertThat(worker.told).containsExactly("adopted UNANSWERED", "started");
    assertThat(sought.isEmpty()).isTrue();
  }

  private static final class Worker implements SoughtConnections.Place {
    final List<String> told = new ArrayList<>();
    final List<Fd> adopted = new ArrayList<>();
    boolean fails;

    @Override
    public String listener(int index) {
      return "web";
    }

    @Override
    public Adopter.Connection adoptSought(Handoff handoff, ByteBuffer state, Fd descriptor) {
      adopted.add(descriptor);
      if (fails) {
        throw new IllegalArgumentException("of the test");
      }
      told.add("adopted " + ((Unserved) handoff.kind()).search());
      return new Adopter.Connection() {
        @Override
        public void start() {
          told.add("started");
        }

        @Override
        public void abandon() {
          throw new AssertionError();
        }
      };
    }

    @Override
    public void departed(Handoff handoff) {
      told.add("departed " + handoff.id());
    }

    @Override
    public void resumeAway(Handoff handoff, SavedSession saved, Adopter.Verdict verdict) {
      throw new AssertionError();
    }

    @Override
    public void awayArrived(Handoff handoff) {
      throw new AssertionError();
    }
  }

  /** A broker at which nobody has the session. */
  private static final class Machines implements Broker {
    boolean isDown;

    @Override
    public void start(Broker.Listener listener) {
      listener.up();
    }

    @Override
    public void subscribe(String subject) {}

    @Override
    public void unsubscribe(String subject) {}

    @Override
    public boolean publish(String subject, byte[] message) {
      return !isDown;
    }

    @Override
    public Runnable close() {
      return () -> {};
    }
  }

  private static final class NoSessions implements HeldSessions {
    @Override
    public Standing standing(SessionKey key, String listener) {
      return Standing.NOT_HERE;
    }

    @Override
    public Answer freeze(Wish wish, HeldSessions.Listener listener) {
      return new Answer.Refusal(true);
    }
  }
}
