package io.baton.worker.codec.http;

import io.baton.codec.Protocol;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;

/**
 * Another protocol that a client can ask for (RFC 9110, 7.8), as WebSocket. One object serves all
 * connections of its listener. Event loop only.
 */
public interface Upgrade {

  /** What the server says to a request to switch. */
  sealed interface Answer {

    /**
     * Yes: after the response, a 101, the next protocol is spoken.
     *
     * @param next what this request agreed to
     */
    record Switch(FullHttpResponse response, Protocol<?, ?> next) implements Answer {}

    /** No, and why; HTTP goes on. */
    record Refuse(FullHttpResponse response) implements Answer {}
  }

  /** Answers a request for a path of this upgrade. Does not release it. */
  Answer ask(FullHttpRequest request);
}
