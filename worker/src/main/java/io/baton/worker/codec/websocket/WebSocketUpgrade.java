package io.baton.worker.codec.websocket;

import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.codec.websocket.Handshake;
import io.baton.config.CodecSettings;
import io.baton.config.Settings;
import io.baton.service.Service;
import io.baton.worker.codec.http.Upgrade;
import io.baton.worker.codec.websocket.WebSocketCodec.Spoken;
import io.baton.worker.module.OfModule;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The handshake of WebSocket (RFC 6455, 4.2), with permessage-deflate in the form that can move
 * (RFC 7692, 7.1). Pages of other hosts may not come unless that is configured. Subprotocols, and
 * who else may not come, are the service's to say: {@link Handshake}.
 */
public final class WebSocketUpgrade implements Upgrade {
  private final String name;
  private final Supplier<? extends Service<WebSocketFrame, WebSocketFrame>> service;
  private final CodecSettings.WebSocket bounds;
  private final OpeningHandshake handshake;
  private final boolean inQuery;

  /**
   * @param name of the protocol that is spoken then
   * @param origins of pages that may come: {@link Settings.HttpRoute#origins}
   * @param denied is told of others
   * @param inQuery whether clients may name their session in the query
   * @param service makes the service of one session; may be a {@link Handshake}
   */
  public WebSocketUpgrade(
      String name,
      CodecSettings.WebSocket bounds,
      List<String> origins,
      DeniedOrigins denied,
      boolean inQuery,
      Supplier<? extends Service<WebSocketFrame, WebSocketFrame>> service) {
    this.name = name;
    this.service = service;
    this.handshake = new OpeningHandshake(name, origins, denied);
    this.bounds = bounds;
    this.inQuery = inQuery;
  }

  /** What a session that moves goes on with; what else it agreed on, it brings along. */
  public List<Protocol<WebSocketFrame, WebSocketFrame>> protocols() {
    List<Protocol<WebSocketFrame, WebSocketFrame>> all = new ArrayList<>();
    all.add(protocol("", false, false));
    for (String subprotocol : subprotocols()) {
      all.add(protocol(subprotocol, false, false));
    }
    return all;
  }

  private List<String> subprotocols() {
    return service instanceof Handshake its ? its.subprotocols() : List.of();
  }

  /**
   * Returns what is spoken next.
   *
   * @param subprotocol empty if there is none
   */
  private Protocol<WebSocketFrame, WebSocketFrame> protocol(
      String subprotocol, boolean packs, boolean welcomes) {
    Spoken spoken = new Spoken(name, subprotocol);
    WebSocketCodec codec = new WebSocketCodec(bounds.maxMessage(), packs, spoken, welcomes);
    return new Protocol<>(spoken.name(), codec, service(subprotocol));
  }

  private Supplier<? extends Service<WebSocketFrame, WebSocketFrame>> service(String subprotocol) {
    if (subprotocol.isEmpty() || !(service instanceof Handshake its)) {
      return service;
    }
    Supplier<Service<WebSocketFrame, WebSocketFrame>> speaks = () -> its.get(subprotocol);
    return its instanceof OfModule of ? OfModule.of(speaks, of.module(), of.loader()) : speaks;
  }

  @Override
  public Answer ask(FullHttpRequest request) {
    @Nullable String query = inQuery ? ResumeQuery.take(request) : null;
    HttpHeaders headers = request.headers();
    Answer.@Nullable Refuse objection = handshake.objection(request);
    if (objection != null) {
      return objection;
    }
    if (service instanceof Handshake its && !its.allows(request)) {
      return OpeningHandshake.refuse(HttpResponseStatus.FORBIDDEN, "not allowed");
    }
    Agreed agreed = agree(headers, query);
    Optional<String> named = agreed.session();
    if (named.isEmpty()) {
      return begin(agreed);
    }
    Optional<ResumeOffer> offer = ResumeOffer.parse(named.get());
    return offer.isEmpty()
        ? refuse(agreed, CloseCode.NO_SESSION)
        : new Answer.Return(offer.get().key(), new Returning(agreed, offer.get()));
  }

  /** A page does not see a status, so it is told behind the handshake. */
  @Override
  public Answer refusal(FullHttpRequest request, FullHttpResponse reply) {
    HttpHeaders headers = request.headers();
    Agreed agreed = agree(headers, null);
    Optional<CloseCode> told = agreed.page ? CloseCode.of(reply.status()) : Optional.empty();
    if (told.isEmpty()) {
      return new Answer.Refuse(reply);
    }
    reply.release();
    return refuse(agreed, told.get());
  }

  @Override
  public Set<String> kept() {
    return service instanceof Handshake its ? its.kept() : Set.of();
  }

  /**
   * What a request and its answer agree on, but for the subprotocol.
   *
   * @param page whether a page asks, which does not see the status of a handshake that fails
   * @param offered the subprotocols that the client offers
   * @param query what it offers in its query; null if nothing
   * @param accept of the answer
   * @param extension of the answer; empty if there is none
   */
  private record Agreed(
      boolean page,
      List<String> offered,
      @Nullable String query,
      String accept,
      Optional<String> extension) {

    /** Whether the client understands a welcome. */
    boolean isWelcomed() {
      return query != null || ResumeOffer.isIn(offered);
    }

    /** Returns what names the session that the client wants to go on with, if it does. */
    Optional<String> session() {
      return query == null || query.isEmpty() ? ResumeOffer.named(offered) : Optional.of(query);
    }

    /** Without an extension. */
    Agreed without() {
      return new Agreed(page, offered, query, accept, Optional.empty());
    }

    FullHttpResponse response(String subprotocol) {
      FullHttpResponse response = OpeningHandshake.switching(accept);
      HttpHeaders headers = response.headers();
      extension.ifPresent(it -> headers.set(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, it));
      // A client that offers some may insist on one.
      String said =
          subprotocol.isEmpty() && offered.contains(ResumeOffer.NAME)
              ? ResumeOffer.NAME
              : subprotocol;
      if (!said.isEmpty()) {
        headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, said);
      }
      return response;
    }
  }

  private Agreed agree(HttpHeaders asked, @Nullable String query) {
    Optional<String> extension =
        bounds.deflate()
            ? OpeningHandshake.tokens(asked, HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)
                .flatMap(offer -> DeflateOffer.answer(offer).stream())
                .findFirst()
            : Optional.empty();
    return new Agreed(
        asked.contains(HttpHeaderNames.ORIGIN),
        OpeningHandshake.tokens(asked, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).toList(),
        query,
        OpeningHandshake.accept(asked),
        extension);
  }

  /** A new session. */
  private Answer begin(Agreed agreed) {
    String subprotocol = common(agreed);
    Protocol<?, ?> next = protocol(subprotocol, agreed.extension.isPresent(), agreed.isWelcomed());
    return new Answer.Switch(agreed.response(subprotocol), next);
  }

  /** Returns the best subprotocol that both sides speak; empty if there is none. */
  private String common(Agreed agreed) {
    return subprotocols().stream().filter(agreed.offered::contains).findFirst().orElse("");
  }

  /** Tells a client why it gets no session. */
  private Answer refuse(Agreed agreed, CloseCode why) {
    return agreed.page
        ? handshake.farewell(agreed.without().response(common(agreed)), bounds.maxMessage(), why)
        : OpeningHandshake.refuse(why);
  }

  /** The client wants to go on with a session. */
  private final class Returning implements ReturningClient {
    private final Agreed agreed;
    private final ResumeOffer offer;

    Returning(Agreed agreed, ResumeOffer offer) {
      this.agreed = agreed;
      this.offer = offer;
    }

    @Override
    public Answer here(Flow session, ByteBuffer unread) {
      return session instanceof WebSocketFlow its
              && its.resumeState().admits(offer, name, agreed.offered)
          ? resume(its, unread)
          : nowhere();
    }

    @Override
    public ByteBuffer proof() {
      return offer.token().bytes();
    }

    private Answer resume(WebSocketFlow its, ByteBuffer unread) {
      ResumeState resume = its.resumeState();
      ResumeTokens next = resume.renewed(offer);
      boolean packs = agreed.extension.isPresent();
      ByteBuffer waiting = packs == its.packs() ? its.decoder().waiting() : ByteBuffer.allocate(0);
      ByteBuffer all = ByteBuffer.allocate(waiting.remaining() + unread.remaining());
      all.put(waiting).put(unread).flip();
      return new Answer.Resume(
          agreed.response(resume.spoken().subprotocol()),
          resume.back(offer, next).frame(),
          new WebSocketCodec.State(packs, next).saved(all),
          offer.last());
    }

    @Override
    public Answer nowhere() {
      return refuse(agreed, CloseCode.NO_SESSION);
    }

    @Override
    public Answer later() {
      return refuse(agreed, CloseCode.TRY_LATER);
    }

    @Override
    public Answer forbidden() {
      return refuse(agreed, CloseCode.FORBIDDEN);
    }
  }
}
