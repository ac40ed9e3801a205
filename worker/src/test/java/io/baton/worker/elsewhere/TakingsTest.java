package io.baton.worker.elsewhere;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.SavedForm;
import io.baton.service.SessionKey;
import io.baton.worker.elsewhere.Takings.Outcome;
import io.baton.worker.elsewhere.TransferMessage.Dropped;
import io.baton.worker.elsewhere.TransferMessage.Part;
import io.baton.worker.memory.ByteBudget;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TakingsTest {
  private static final SessionKey KEY = new SessionKey(1, 2);
  private static final long HOLDER = 9;
  private static final long OTHER = 10;
  private static final long FIRST = 5;

  private final List<TransferMessage> said = new ArrayList<>();
  private final List<String> arrivals = new ArrayList<>();
  private final List<Outcome> outcomes = new ArrayList<>();
  private final ByteBudget budget = new ByteBudget(1_000);
  private final Takings takings =
      new Takings(new Sessions(), new Way(), new SavedForm(1, Set.of()), FIRST, budget);

  private final class Way implements Takings.Way {
    @Override
    public boolean sendAll(TransferMessage message) {
      return said.add(message);
    }

    @Override
    public boolean send(long worker, TransferMessage message) {
      return said.add(message);
    }
  }

  /** Can go on with every session. */
  private final class Sessions implements ArrivingSessions {
    @Override
    public void resume(
        SessionKey key, String listener, ByteBuffer state, Consumer<@Nullable Arrival> resumed) {
      resumed.accept(
          new Arrival() {
            @Override
            public void start() {
              arrivals.add("started");
            }

            @Override
            public void abandon() {
              arrivals.add("abandoned");
            }
          });
    }
  }

  private void seeks(SessionKey key) {
    takings.seek(key, "web", new byte[0], outcomes::add);
  }

  /** Takes a session, up to where its holder has to say that it is given. */
  private void doubts() {
    seeks(KEY);
    takings.found(HOLDER, FIRST);
    takings.part(HOLDER, new Part(FIRST, 0, 3, new byte[3]));
    assertThat(said).last().isEqualTo(new TransferMessage.Taken(FIRST));
    said.clear();
  }

  private void isLost() {
    assertThat(takings.lost()).isOne();
    assertThat(arrivals).containsExactly("abandoned");
    assertThat(said).containsExactly(new Dropped(FIRST));
    assertThat(takings.size()).isZero();
    takings.end();
    takings.forgotten(HOLDER);
    takings.tick(2 * Takings.DOUBT_MS);
    takings.given(HOLDER, FIRST);
    assertThat(takings.lost()).isOne();
    assertThat(takings.count()).isZero();
  }

  @Test
  void aSessionInDoubtIsLostOnceWhenItsTakerEnds() {
    doubts();
    takings.end();
    assertThat(outcomes).containsExactly(Outcome.LATER);
    isLost();
  }

  @Test
  void aSessionInDoubtIsLostOnceWhenItsHolderEnds() {
    doubts();
    takings.forgotten(OTHER);
    assertThat(takings.lost()).isZero();
    takings.forgotten(HOLDER);
    assertThat(outcomes).containsExactly(Outcome.LATER);
    isLost();
  }

  @Test
  void aSessionIsNotInDoubtForEver() {
    doubts();
    takings.tick(Takings.DOUBT_MS - 1);
    assertThat(outcomes).containsExactly(Outcome.LATER);
    assertThat(takings.lost()).isZero();
    said.clear();
    takings.tick(Takings.DOUBT_MS);
    isLost();
  }

  @Test
  void aSessionThatItsHolderStillHasIsNotLost() {
    seeks(KEY);
    takings.found(HOLDER, FIRST);
    seeks(new SessionKey(3, 4));
    takings.end();
    assertThat(outcomes).containsExactly(Outcome.LATER, Outcome.LATER);
    assertThat(takings.lost()).isZero();
    assertThat(said).last().isEqualTo(new Dropped(FIRST));
    assertThat(takings.size()).isZero();
  }

  @Test
  void aSessionForWhichThereIsNoRoomIsLeftWhereItIs() {
    seeks(KEY);
    takings.found(HOLDER, FIRST);
    takings.part(HOLDER, new Part(FIRST, 0, (int) budget.limit(), new byte[1]));
    assertThat(outcomes).containsExactly(Outcome.LATER);
    assertThat(said).last().isEqualTo(new Dropped(FIRST));
    assertThat(budget.held()).isZero();
  }
}
