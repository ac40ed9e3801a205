package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class PipelineHeadTest {

  @Test
  void errorsOnAChannelThatItsSessionHasLeftAreDropped() {
    EmbeddedChannel channel = new EmbeddedChannel(PipelineHead.INSTANCE);
    channel.pipeline().fireExceptionCaught(new IOException("not sent"));
    assertThatCode(channel::checkException).doesNotThrowAnyException();
  }

  @Test
  void errorsReachTheSession() {
    EmbeddedChannel channel =
        new EmbeddedChannel(PipelineHead.INSTANCE, new ChannelInboundHandlerAdapter());
    channel.pipeline().fireExceptionCaught(new IOException("not sent"));
    assertThatThrownBy(channel::checkException).hasMessage("not sent");
  }
}
