package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Saved;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.websocket.WebSocketCodec;
import io.baton.worker.load.WorkerCounters;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.tls.TlsConnections;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A session that comes to a worker which is leaving itself. */
@ExtendWith(NoLeaks.class)
class ArrivingSessionTest {

  @Test
  void whatIsOnItsWayToTheClientComesBeforeTheGoodbye() throws Exception {
    EmbeddedChannel channel = SessionHarness.channel(fresh -> resume(fresh, "half a frame"));
    channel.register();

    String goodbye = "\u0088\u0002\u0003\u00f4"; // a close frame, 1012
    assertThat(SessionHarness.out(channel))
        .isEqualTo("half a frame" + "\u0081\u0004back" + goodbye);
    var _ = channel.finishAndReleaseAll();
  }

  private static void resume(EmbeddedChannel channel, String unsent) {
    WorkerContext context = SessionHarness.context(channel.eventLoop(), new WorkerCounters());
    context.sessions().watch(ManagedSession::goodbye, () -> {});
    WebSocketCodec codec = new WebSocketCodec(1024, false);
    SavedSession saved =
        new SavedSession(
            "", new Saved("websocket", 1, bytes("\0"), bytes("")), bytes(""), bytes(unsent));
    var _ =
        new SessionFactory(context, TlsConnections.none())
            .resume(
                channel,
                TestRoutes.of("test", codec, Returning::new),
                SessionHarness.HANDOFF,
                saved,
                List.of(),
                false,
                null,
                failure -> assertThat(failure).isNull());
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Says something as soon as it is back. */
  private static final class Returning implements Service<WebSocketFrame, WebSocketFrame> {
    @Override
    public void received(Session<WebSocketFrame> session, WebSocketFrame message) {}

    @Override
    public void resumed(Session<WebSocketFrame> session, byte[] saved) {
      session.send(new TextWebSocketFrame("back"));
    }
  }
}
