package io.baton.worker.elsewhere;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.SessionKey;
import io.baton.worker.broker.Broker;
import io.baton.worker.broker.Cluster;
import io.baton.worker.elsewhere.HeldSessions.Answer;
import io.baton.worker.elsewhere.HeldSessions.Standing;
import io.baton.worker.elsewhere.Takings.Outcome;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.topics.RemotePublications;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransfersTest {
  private final List<Object> heard = new ArrayList<>();

  @Test
  void aWorkerThatEndsHearsWhenTheLastSearchIsOver() {
    Cluster.Identity identity =
        new Cluster.Identity(
            "baton", List.of(new byte[16]), 1, RemotePublications.number(2), "server");
    Cluster cluster = new Cluster(identity, new Quiet());
    Transfers transfers =
        new Transfers(
            cluster,
            identity,
            new NoSessions(),
            (_, _, _, _) -> {
              throw new AssertionError();
            },
            new ByteBudget(1_000));
    transfers.watch(() -> heard.add("idle"));
    cluster.join(transfers);
    cluster.start();
    transfers.seek(new SessionKey(1, 2), "web", new byte[0], heard::add);
    cluster.tick(1);
    assertThat(transfers.isIdle()).isFalse();
    assertThat(heard).isEmpty();

    cluster.tick(Takings.SEEK_MS + 1);
    assertThat(heard).containsExactly(Outcome.NOWHERE, "idle");
    cluster.tick(Takings.SEEK_MS + 2);
    assertThat(heard).hasSize(2);
  }

  /** A broker at which nobody else is. */
  private static final class Quiet implements Broker {
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
      return true;
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
