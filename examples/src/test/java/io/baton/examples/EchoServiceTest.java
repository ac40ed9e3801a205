package io.baton.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.testkit.TestSession;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class EchoServiceTest {

  @Test
  void whatComesGoesBackAndIsStillThereWhenTheRuntimeHasReleasedIt() {
    TestSession<ByteBuf, ByteBuf> test =
        TestSession.of(new EchoService()).onRelease(ReferenceCountUtil::release);
    test.open();
    test.receive(Unpooled.copiedBuffer("hello", StandardCharsets.UTF_8));

    ByteBuf sent = test.sent().getFirst();
    assertThat(sent.toString(StandardCharsets.UTF_8)).isEqualTo("hello");
    assertThat(sent.refCnt()).isEqualTo(1);
  }

  @Test
  void aWebSocketMessageGoesBackAsWhatItIs() {
    TestSession<WebSocketFrame, WebSocketFrame> test =
        TestSession.of(new EchoWebSocketService()).onRelease(ReferenceCountUtil::release);
    test.open();
    test.receive(new TextWebSocketFrame("hello"));

    TextWebSocketFrame sent = (TextWebSocketFrame) test.sent().getFirst();
    assertThat(sent.text()).isEqualTo("hello");
    assertThat(sent.refCnt()).isEqualTo(1);
  }
}
