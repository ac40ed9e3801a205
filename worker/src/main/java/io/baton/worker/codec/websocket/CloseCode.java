package io.baton.worker.codec.websocket;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a client is told that gets no session, or loses it to another connection: a page by a close
 * code behind the handshake, because it does not see the status of one that fails; other clients by
 * that status.
 */
enum CloseCode {
  UNAUTHORIZED(4401, 401, "not authorized"),
  FORBIDDEN(4403, 403, "not allowed"),
  NO_SESSION(4404, 404, "no such session"),
  SUPERSEDED(4409, 409, "another connection took this session"),
  TRY_LATER(4503, 503, "try again later");

  private final int code;
  private final int status;
  private final String text;

  CloseCode(int code, int status, String text) {
    this.code = code;
    this.status = status;
    this.text = text;
  }

  /** Returns the one that a page is told instead of this status; empty if there is none. */
  static Optional<CloseCode> of(HttpResponseStatus status) {
    return Arrays.stream(values()).filter(each -> each.status == status.code()).findFirst();
  }

  HttpResponseStatus status() {
    return HttpResponseStatus.valueOf(status);
  }

  String text() {
    return text;
  }

  CloseWebSocketFrame frame() {
    return new CloseWebSocketFrame(new WebSocketCloseStatus(code, text));
  }
}
