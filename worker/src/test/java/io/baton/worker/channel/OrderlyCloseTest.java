package io.baton.worker.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.worker.NoLeaks;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class OrderlyCloseTest {
  private final TwoSided channel = new TwoSided();

  @BeforeEach
  void stopsTheClock() {
    channel.freezeTime();
  }

  @AfterEach
  void disconnects() {
    channel.finishAndReleaseAll();
  }

  private void clientSends(int bytes) {
    channel.writeInbound(Unpooled.wrappedBuffer(new byte[bytes]));
  }

  private void pass(long ms) {
    channel.advanceTimeBy(ms, TimeUnit.MILLISECONDS);
    channel.runPendingTasks();
  }

  @Test
  void aSilentClientIsClosed() {
    OrderlyClose.begin(channel, false);
    assertThat(channel.isOutputShutdown()).isTrue();
    pass(OrderlyClose.LINGER_MS - 1);
    assertThat(channel.isOpen()).isTrue();
    pass(1);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aClientThatHasSaidItsLastIsNotWaitedFor() {
    OrderlyClose.begin(channel, true);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aClientThatHasSaidItsLastGetsAllOfItsAnswer() {
    channel.jammed = true;
    var _ = channel.write(Unpooled.wrappedBuffer(new byte[1]));
    OrderlyClose.begin(channel, true);
    assertThat(channel.isOpen()).isTrue();

    channel.jammed = false;
    channel.flush();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aClientThatGoesOnSendingMayFinishHoweverMuchItIs() {
    OrderlyClose.begin(channel, false);
    for (int i = 0; i < 3; i++) {
      clientSends((int) OrderlyClose.FLUSHING_BYTES + 1);
      pass(OrderlyClose.LINGER_MS);
      assertThat(channel.isOpen()).isTrue();
      assertThat(channel.config().isAutoRead()).isTrue();
    }
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void whatAClientSendsForNothingIsNotReadAtFullSpeed() {
    OrderlyClose.begin(channel, false);
    for (int i = 0; i < 3; i++) {
      clientSends((int) OrderlyClose.LINGER_BYTES);
      assertThat(channel.config().isAutoRead()).isTrue();
      clientSends(1);
      assertThat(channel.config().isAutoRead()).isFalse();
      pass(OrderlyClose.BREATH_MS - 1);
      assertThat(channel.config().isAutoRead()).isFalse();
      pass(1);
      assertThat(channel.config().isAutoRead()).isTrue();
    }
    clientSends((int) OrderlyClose.LINGER_BYTES + 1);
    var _ = channel.close();
    pass(OrderlyClose.BREATH_MS);
    assertThat(channel.config().isAutoRead()).as("nobody reads what is closed").isFalse();
  }

  @Test
  void aClientThatSendsForeverIsClosedInTheEnd() {
    OrderlyClose.begin(channel, false);
    for (long ms = 0; ms < OrderlyClose.LINGER_MAX_MS; ms += OrderlyClose.LINGER_MS) {
      assertThat(channel.isOpen()).isTrue();
      clientSends(1);
      pass(OrderlyClose.LINGER_MS);
    }
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void whileTheAnswerIsNotOutTheClientKeepsMostOfWhatItSendsUntilItIs() {
    channel.jammed = true;
    OrderlyClose.begin(channel, false);
    clientSends((int) OrderlyClose.FLUSHING_BYTES + 1);
    assertThat(channel.isOutputShutdown()).isFalse();
    assertThat(channel.config().isAutoRead()).isFalse();

    channel.jammed = false;
    channel.flush();
    assertThat(channel.isOutputShutdown()).isTrue();
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  /** Has a side that can be shut, and can be stopped from writing. */
  private static final class TwoSided extends EmbeddedChannel implements DuplexChannel {
    private boolean jammed;
    private boolean outputShutdown;

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
      if (!jammed) {
        super.doWrite(in);
      }
    }

    @Override
    public boolean isInputShutdown() {
      return false;
    }

    @Override
    public boolean isOutputShutdown() {
      return outputShutdown;
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public ChannelFuture shutdownOutput() {
      return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
      outputShutdown = true;
      return promise.setSuccess();
    }

    @Override
    public ChannelFuture shutdownInput() {
      throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdown() {
      throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
      throw new UnsupportedOperationException();
    }
  }
}
