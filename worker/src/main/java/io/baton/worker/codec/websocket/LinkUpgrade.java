package io.baton.worker.codec.websocket;

import io.baton.codec.Protocol;
import io.baton.worker.codec.http.Upgrade;
import io.baton.worker.codec.link.HandshakeCodec;
import io.baton.worker.codec.link.LinkServices;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A route whose WebSockets bear Link (docs/PROTOCOLS.md, 13): a client offers the subprotocol
 * {@code baton.link}, and the payloads of binary messages are the bytes of a connection of Link,
 * its handshake included. The sessions are those of Link in all things.
 */
public final class LinkUpgrade implements Upgrade {
  /** The subprotocol of WebSockets that bear Link. */
  public static final String SUBPROTOCOL = "baton.link";

  /** What a page may have sent before it hears why it gets no session, in bytes. */
  private static final int MAX_UNHEARD = 64 * 1024;

  private final OpeningHandshake handshake;
  private final String route;
  private final LinkServices services;
  private final Protocol<?, ?> first;

  /**
   * @param route its path as it is configured
   * @param origins of pages that may come: {@link io.baton.config.Settings.HttpRoute#origins}
   * @param denied is told of others
   */
  public LinkUpgrade(
      String route, List<String> origins, DeniedOrigins denied, LinkServices services) {
    this.handshake = new OpeningHandshake(route, origins, denied);
    this.route = route;
    this.services = services;
    this.first =
        ByteStreamCodec.first(
            route,
            new Protocol<>("", new HandshakeCodec(services), () -> HandshakeCodec.NO_SERVICE));
  }

  /** Returns what connections and sessions that come from elsewhere go on with. */
  public List<Protocol<?, ?>> protocols() {
    return Stream.concat(
            Stream.of(first),
            services.protocols().stream().map(each -> ByteStreamCodec.later(route, each)))
        .toList();
  }

  @Override
  public Answer ask(FullHttpRequest request) {
    Answer objection = handshake.objection(request);
    if (objection != null) {
      return objection;
    }
    boolean offered =
        OpeningHandshake.tokens(request.headers(), HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)
            .anyMatch(SUBPROTOCOL::equals);
    return offered
        ? new Answer.Switch(switching(request), first)
        : OpeningHandshake.refuse(
            HttpResponseStatus.BAD_REQUEST, "this path speaks the subprotocol " + SUBPROTOCOL);
  }

  private static FullHttpResponse switching(FullHttpRequest request) {
    FullHttpResponse response =
        OpeningHandshake.switching(OpeningHandshake.accept(request.headers()));
    response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
    return response;
  }

  /** A page does not see a status, so it is told behind the handshake. */
  @Override
  public Answer refusal(FullHttpRequest request, FullHttpResponse reply) {
    Optional<CloseCode> told =
        request.headers().contains(HttpHeaderNames.ORIGIN)
            ? CloseCode.of(reply.status())
            : Optional.empty();
    if (told.isEmpty()) {
      return new Answer.Refuse(reply);
    }
    reply.release();
    return handshake.farewell(switching(request), MAX_UNHEARD, told.get());
  }
}
