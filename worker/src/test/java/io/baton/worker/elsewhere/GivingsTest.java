package io.baton.worker.elsewhere;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.SavedForm;
import io.baton.service.SessionKey;
import io.baton.worker.elsewhere.TransferMessage.Part;
import io.baton.worker.elsewhere.TransferMessage.Refused;
import io.baton.worker.elsewhere.TransferMessage.Take;
import io.baton.worker.memory.ByteBudget;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

class GivingsTest {
  private static final long TAKER = 9;
  private static final long TRANSFER = 5;

  /** Of a saved session. */
  private static final int BYTES = 100;

  private final List<TransferMessage> said = new ArrayList<>();
  private final List<HeldSessions.Listener> freezing = new ArrayList<>();
  private final ByteBudget budget = new ByteBudget(1_000);
  private final Givings givings =
      new Givings(new Sessions(), (_, message) -> said.add(message), budget);

  /** Has one session, which is always free. */
  private final class Sessions implements HeldSessions {
    @Override
    public Standing standing(SessionKey key, String listener) {
      return Standing.HERE;
    }

    @Override
    public Answer freeze(Wish wish, Listener listener) {
      freezing.add(listener);
      return new Answer.Freezing(
          new Frozen() {
            @Override
            public boolean give() {
              return true;
            }

            @Override
            public void thaw() {}
          });
    }
  }

  private void takes(long transfer) {
    SessionKey key = new SessionKey(1, 2);
    givings.asked(TAKER, new Take(transfer, key, "web", new byte[0], new SavedForm(1, Set.of())));
  }

  private void saves() {
    assertThat(freezing.getLast().saved(ByteBuffer.allocate(BYTES))).isTrue();
  }

  @Test
  void partsOfTwoStatesAreNotSentInOneTransfer() {
    takes(TRANSFER);
    saves();
    assertThat(said).singleElement().isInstanceOf(Part.class);
    freezing.getLast().cannot();
    said.clear();

    takes(TRANSFER); // as it was said again, before the taker heard that it cannot have it
    assertThat(said).containsExactly(new Refused(TRANSFER, false));
    assertThat(freezing).hasSize(1);
    takes(TRANSFER + 1);
    saves();
    assertThat(said).last().isInstanceOf(Part.class);
    assertThat(givings.size()).isEqualTo(1);
  }

  @Test
  void aTransferOfWhichNothingWasHeardForLongDoesNotBeginAgain() {
    takes(TRANSFER);
    saves();
    givings.tick(Givings.HOLD_MS + 1);
    said.clear();
    takes(TRANSFER);
    assertThat(said).containsExactly(new Refused(TRANSFER, false));
    assertThat(budget.held()).isZero();
  }

  @Test
  void aTransferOfWhichNoPartWasSentMayBeginAgain() {
    takes(TRANSFER);
    freezing.getLast().cannot();
    takes(TRANSFER);
    saves();
    assertThat(said).last().isInstanceOf(Part.class);
  }

  @Test
  void aSessionForWhichThereIsNoRoomStays() {
    for (int i = 1; i <= 6; i++) {
      takes(TRANSFER + i);
      saves();
    }
    takes(TRANSFER);
    said.clear();
    HeldSessions.Listener seventh = freezing.getLast();
    assertThat(seventh.saved(ByteBuffer.allocate(BYTES))).isFalse();
    seventh.cannot();
    assertThat(said).containsExactly(new Refused(TRANSFER, false));
    assertThat(budget.held()).isEqualTo(6 * BYTES);

    givings.dropped(TAKER, TRANSFER + 1);
    takes(TRANSFER);
    saves();
    assertThat(said).last().isInstanceOf(Part.class);
  }

  @Test
  void noSessionIsFrozenWhileMemoryIsShort() {
    budget.add(budget.limit());
    takes(TRANSFER);
    assertThat(said).containsExactly(new Refused(TRANSFER, false));
    assertThat(freezing).isEmpty();
  }

  @Test
  void whatWasSavedIsNotHeldAnyLongerWhicheverWayItEnds() {
    List<LongConsumer> ways =
        List.of(
            transfer -> givings.taken(TAKER, transfer),
            transfer -> givings.dropped(TAKER, transfer),
            _ -> givings.forgotten(TAKER),
            _ -> givings.tick(Givings.HOLD_MS + 1),
            _ -> freezing.getLast().cannot());
    for (int i = 0; i < ways.size(); i++) {
      takes(TRANSFER + i);
      saves();
      assertThat(budget.held()).isEqualTo(BYTES);
      ways.get(i).accept(TRANSFER + i);
      assertThat(budget.held()).as("after way %d", i).isZero();
    }
  }
}
