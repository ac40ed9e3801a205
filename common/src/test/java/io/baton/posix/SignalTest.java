package io.baton.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jnr.constants.platform.Signal;
import org.junit.jupiter.api.Test;

class SignalTest {

  /** URG does nothing where nobody handles it. */
  @Test
  void aHandlerMayDoWhatAnyThreadMay() throws Exception {
    CountDownLatch twice = new CountDownLatch(2);
    Processes.onSignal(Signal.SIGURG, () -> Thread.ofPlatform().daemon().start(twice::countDown));
    int self = (int) ProcessHandle.current().pid();
    Processes.kill(self, Signal.SIGURG);
    while (twice.getCount() == 2) {
      Thread.onSpinWait(); // two signals at once would be one
    }
    Processes.kill(self, Signal.SIGURG);
    assertThat(twice.await(30, TimeUnit.SECONDS)).isTrue();
  }
}
