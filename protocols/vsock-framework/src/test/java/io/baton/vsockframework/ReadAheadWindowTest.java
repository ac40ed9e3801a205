package io.baton.vsockframework;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.TestWindow;
import org.junit.jupiter.api.Test;

class ReadAheadWindowTest {
  private final Shut shut = new Shut();
  private final ReadAheadWindow window = new ReadAheadWindow(shut);

  /** A window that is shut, whose client is read until it is asked whether it is open. */
  private static final class Shut extends TestWindow {
    boolean reads = true;

    @Override
    public boolean open() {
      reads = false;
      return false;
    }

    @Override
    public boolean accepts() {
      return false;
    }

    @Override
    public boolean quiet() {
      return false;
    }
  }

  @Test
  void theClientIsReadWhileLittleWaits() {
    assertThat(window.open()).isFalse();
    window.holds(ReadAheadWindow.READ_AHEAD);
    assertThat(window.open()).isFalse();
    assertThat(shut.reads).isTrue();
  }

  @Test
  void readingStopsWhenMoreWaits() {
    assertThat(window.open()).isFalse();
    window.holds(ReadAheadWindow.READ_AHEAD + 1);
    assertThat(shut.reads).isFalse();
  }

  @Test
  void aDecoderThatFindsTheWindowShutWithMuchInItsHandsStopsReading() {
    window.holds(ReadAheadWindow.READ_AHEAD + 1);
    shut.reads = true;
    assertThat(window.open()).isFalse();
    assertThat(shut.reads).isFalse();
  }

  @Test
  void whatIsHeldIsTheSumOfAll() {
    window.holds(100);
    window.holdsBefore(20);
    assertThat(shut.held).isEqualTo(120);
    window.holdsRecords(1L << 40);
    assertThat(shut.held).isEqualTo(Integer.MAX_VALUE);
    assertThat(shut.reads).as("records do not wait").isTrue();
    window.holdsRecords(0);
    window.holds(0);
    assertThat(shut.held).isEqualTo(20);
    window.holdsBefore(0);
    assertThat(shut.held).isZero();
  }
}
