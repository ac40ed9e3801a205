package io.baton.worker.codec.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.baton.worker.codec.CutAnywhere;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;

/** A service that sends each message back. */
final class Echo {

  private Echo() {}

  static CutAnywhere cut(WebSocketCodec codec) {
    return new CutAnywhere(codec, service());
  }

  static CutAnywhere.Answering service() {
    return (message, send) ->
        switch (message) {
          case TextWebSocketFrame text -> {
            send.accept(text.retainedDuplicate());
            yield "text " + text.text();
          }
          case BinaryWebSocketFrame binary -> {
            send.accept(binary.retainedDuplicate());
            yield "binary " + binary.content().toString(ISO_8859_1);
          }
          default -> throw new AssertionError("no message: " + message);
        };
  }
}
