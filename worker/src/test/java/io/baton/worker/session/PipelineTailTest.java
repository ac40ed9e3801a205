package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Protocol;
import io.baton.codec.ProtocolSwitchEvent;
import io.baton.worker.codec.raw.RawCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PipelineTailTest implements PipelineTail.Events {
  private final List<String> told = new ArrayList<>();
  private final EmbeddedChannel channel = new EmbeddedChannel(new PipelineTail(this));

  @Override
  public void active() {
    told.add("active");
  }

  @Override
  public void received(Object message) {
    told.add("received " + message);
  }

  @Override
  public void readComplete() {
    told.add("read complete");
  }

  @Override
  public void writabilityChanged() {
    told.add("writability changed");
  }

  @Override
  public void inputEnded() {
    told.add("input ended");
  }

  @Override
  public void protocolSwitched(Protocol<?, ?> next, ByteBuf unread) {
    told.add("switched to " + next.name() + " with " + unread.readableBytes());
    unread.release();
  }

  @Override
  public void failed(Throwable cause) {
    told.add("failed " + cause.getMessage());
  }

  @Override
  public void closed() {
    told.add("closed");
  }

  @Test
  void eachOfNettysEventsIsPassedOnAsTheSessions() {
    channel.writeInbound("a");
    channel.pipeline().fireExceptionCaught(new IOException("reset"));
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 1));
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
    channel.runPendingTasks();
    channel.close().syncUninterruptibly();
    assertThat(told)
        .containsExactly(
            "active",
            "received a",
            "read complete",
            "failed reset",
            "input ended",
            "writability changed",
            "closed");
  }

  @Test
  void otherEventsAreNoneOfTheSessions() {
    channel.pipeline().fireUserEventTriggered("something else");
    assertThat(told).containsExactly("active");
  }

  @Test
  void aProtocolSwitchComesWithTheBytesOfTheNextProtocol() {
    Protocol<?, ?> next = new Protocol<>("next", new RawCodec(), Probe::new);
    ByteBuf unread = Unpooled.wrappedBuffer(new byte[3]);
    channel.pipeline().fireUserEventTriggered(new ProtocolSwitchEvent(next, unread));
    assertThat(told).containsExactly("active", "switched to next with 3");
  }
}
