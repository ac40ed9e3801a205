package io.baton.worker.accesslog;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.CloseReason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionAccountTest {
  private final List<AccessEntry> lines = new ArrayList<>();
  private final AccessLog log =
      new AccessLog() {
        @Override
        public boolean isOn() {
          return true;
        }

        @Override
        public void add(AccessEntry entry) {
          lines.add(entry);
        }
      };

  private SessionTraffic end(SessionAccount account) {
    account.ended(Entries.of(null), "/chat", CloseReason.SERVICE);
    assertThat(lines).hasSize(1);
    return ((SessionEntry) lines.getFirst()).traffic();
  }

  @Test
  void aSessionThatMovesKeepsItsAccount() {
    SessionAccount first = requireNonNull(SessionAccount.begin(log));
    first.received(10);
    first.sent(20);
    SessionAccount second = requireNonNull(SessionAccount.resume(log, SessionAccount.save(first)));
    second.received(5);
    SessionAccount third = requireNonNull(SessionAccount.resume(log, SessionAccount.save(second)));
    assertThat(end(third)).isEqualTo(new SessionTraffic(2, 15, 1, 20, 2));
  }

  @Test
  void aSessionThatGoesOnGetsNoLine() {
    SessionAccount account = requireNonNull(SessionAccount.begin(log));
    account.ended(Entries.of(null), "", CloseReason.MOVED);
    account.ended(Entries.of(null), "", CloseReason.UPGRADED);
    assertThat(lines).isEmpty();
  }

  @Test
  void thereIsNoAccountWithoutALog() {
    assertThat(SessionAccount.begin(AccessLog.OFF)).isNull();
    assertThat(SessionAccount.resume(AccessLog.OFF, ByteBuffer.allocate(44))).isNull();
    assertThat(SessionAccount.save(null).hasRemaining()).isFalse();
  }

  @Test
  void bytesThatAreNoAccountBeginOne() {
    for (int length : new int[] {0, 1, 43, 45}) {
      lines.clear();
      SessionAccount account =
          requireNonNull(SessionAccount.resume(log, ByteBuffer.allocate(length)));
      assertThat(end(account)).as("%s bytes", length).isEqualTo(new SessionTraffic(0, 0, 0, 0, 0));
    }
  }

  @Test
  void numbersThatCannotBeAreTakenAsNone() {
    ByteBuffer wild = ByteBuffer.allocate(44);
    while (wild.hasRemaining()) {
      wild.put((byte) 0xFF);
    }
    SessionAccount account = requireNonNull(SessionAccount.resume(log, wild.flip()));
    assertThat(end(account)).isEqualTo(new SessionTraffic(0, 0, 0, 0, 1));
    assertThat(((SessionEntry) lines.getFirst()).openedMs()).isZero();
  }
}
