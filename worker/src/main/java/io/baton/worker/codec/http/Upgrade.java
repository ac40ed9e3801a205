package io.baton.worker.codec.http;

import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.codec.Saved;
import io.baton.service.SessionKey;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.Set;

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

    /** It depends on whether a session is still there that the client wants to go on with. */
    record Return(SessionKey wanted, ReturningClient client) implements Answer {}

    /**
     * Yes: after the response, a 101, the session goes on that is here.
     *
     * @param first what is written behind the response
     * @param codec what the session's codec is installed with
     * @param last number of the last message that the client has seen
     */
    record Resume(FullHttpResponse response, ByteBuf first, Saved codec, OptionalLong last)
        implements Answer {}
  }

  /** A client that wants to go on with a session that it had before. */
  interface ReturningClient {

    /**
     * Answers if the session is here.
     *
     * @param session the codec's part of it, which may be of another upgrade
     * @param unread what the client has sent behind its request
     */
    Answer here(Flow session, ByteBuffer unread);

    /** Returns what shows that the session is the client's, for {@link Flow#admits}. */
    default ByteBuffer proof() {
      return ByteBuffer.allocate(0);
    }

    /** Answers if there is no such session. */
    Answer nowhere();

    /** Answers if it cannot be said now. */
    Answer later();

    /** Answers if the session is another principal's. */
    Answer forbidden();
  }

  /** Answers a request for a path of this upgrade. Does not release it. */
  Answer ask(FullHttpRequest request);

  /**
   * Answers a request that may not be granted.
   *
   * @param reply what another request would get; it is the upgrade's from here on
   */
  default Answer refusal(FullHttpRequest request, FullHttpResponse reply) {
    return new Answer.Refuse(reply);
  }

  /** Returns the names of the request's header fields that the session keeps which it opens. */
  default Set<String> kept() {
    return Set.of();
  }
}
