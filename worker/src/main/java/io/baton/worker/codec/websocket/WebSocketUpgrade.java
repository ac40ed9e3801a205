package io.baton.worker.codec.websocket;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.codec.websocket.Handshake;
import io.baton.config.Settings;
import io.baton.service.Service;
import io.baton.worker.codec.http.Upgrade;
import io.baton.worker.codec.websocket.WebSocketCodec.Spoken;
import io.baton.worker.module.OfModule;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The handshake of WebSocket (RFC 6455, 4.2), with permessage-deflate in the form that can move
 * (RFC 7692, 7.1). Pages of other hosts may not come unless that is configured. Subprotocols, and
 * who else may not come, are the service's to say: {@link Handshake}.
 */
public final class WebSocketUpgrade implements Upgrade {
  private static final String VERSION = "13";
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int KEY_BYTES = 16;

  /** When a client may come again that could not be served now, in seconds. */
  private static final String RETRY_AFTER = "1";

  private final String name;
  private final Supplier<? extends Service<WebSocketFrame, WebSocketFrame>> service;
  private final Settings.WebSocket bounds;
  private final Origins origins;
  private final DeniedOrigins denied;
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
      Settings.WebSocket bounds,
      List<String> origins,
      DeniedOrigins denied,
      boolean inQuery,
      Supplier<? extends Service<WebSocketFrame, WebSocketFrame>> service) {
    this.name = name;
    this.service = service;
    this.origins = Origins.of(origins);
    this.denied = denied;
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
    return service instanceof Handshake handshake ? handshake.subprotocols() : List.of();
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
    if (subprotocol.isEmpty() || !(service instanceof Handshake handshake)) {
      return service;
    }
    Supplier<Service<WebSocketFrame, WebSocketFrame>> speaks = () -> handshake.get(subprotocol);
    return handshake instanceof OfModule of ? OfModule.of(speaks, of.loader()) : speaks;
  }

  @Override
  public Answer ask(FullHttpRequest request) {
    @Nullable String query = inQuery ? ResumeQuery.take(request) : null;
    HttpHeaders headers = request.headers();
    if (!isUpgrade(request)) {
      return refuse(HttpResponseStatus.UPGRADE_REQUIRED, "this path speaks WebSocket (RFC 6455)");
    }
    if (!HttpMethod.GET.equals(request.method())) {
      return refuse(HttpResponseStatus.METHOD_NOT_ALLOWED, "a WebSocket handshake uses GET");
    }
    if (!VERSION.equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
      return refuse(HttpResponseStatus.UPGRADE_REQUIRED, "Sec-WebSocket-Version must be 13");
    }
    List<String> keys = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY);
    if (keys.size() != 1 || !isKey(keys.getFirst())) {
      return refuse(HttpResponseStatus.BAD_REQUEST, "Sec-WebSocket-Key must be 16 bytes in base64");
    }
    if (!origins.admit(request)) {
      String origin = headers.get(HttpHeaderNames.ORIGIN, "");
      denied.add(name, origin, headers.get(HttpHeaderNames.HOST, ""));
      return refuse(HttpResponseStatus.FORBIDDEN, "a page of another origin may not connect here");
    }
    if (service instanceof Handshake handshake && !handshake.allows(request)) {
      return refuse(HttpResponseStatus.FORBIDDEN, "not allowed");
    }
    Agreed agreed = agree(headers, query, keys.getFirst());
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
    Agreed agreed = agree(headers, null, headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY));
    Optional<CloseCode> told = agreed.page ? CloseCode.of(reply.status()) : Optional.empty();
    if (told.isEmpty()) {
      return new Answer.Refuse(reply);
    }
    reply.release();
    return refuse(agreed, told.get());
  }

  @Override
  public Set<String> kept() {
    return service instanceof Handshake handshake ? handshake.kept() : Set.of();
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
      FullHttpResponse response =
          WebSocketUpgrade.response(HttpResponseStatus.SWITCHING_PROTOCOLS, "");
      HttpHeaders headers = response.headers();
      headers.set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept);
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

  private Agreed agree(HttpHeaders asked, @Nullable String query, String key) {
    Optional<String> extension =
        bounds.deflate()
            ? tokens(asked, HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)
                .flatMap(offer -> DeflateOffer.answer(offer).stream())
                .findFirst()
            : Optional.empty();
    return new Agreed(
        asked.contains(HttpHeaderNames.ORIGIN),
        tokens(asked, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).toList(),
        query,
        accept(key),
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
    if (agreed.page) {
      WebSocketCodec codec = new WebSocketCodec(bounds.maxMessage(), false);
      return new Answer.Switch(
          agreed.without().response(common(agreed)),
          new Protocol<>(name, codec, () -> new FarewellService(why)));
    }
    Answer.Refuse refusal = refuse(why.status(), why.text());
    if (why == CloseCode.TRY_LATER) {
      refusal.response().headers().set(HttpHeaderNames.RETRY_AFTER, RETRY_AFTER);
    }
    return refusal;
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

  /** HTTP/1.0 knows no upgrade: what looks like one is to be ignored (RFC 9110, 7.8). */
  private static boolean isUpgrade(HttpRequest request) {
    return !request.protocolVersion().equals(HttpVersion.HTTP_1_0)
        && has(request.headers(), HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
        && has(request.headers(), HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
  }

  private static boolean has(HttpHeaders headers, CharSequence name, CharSequence token) {
    return headers.containsValue(name, token, true);
  }

  /** Exactly as an encoder writes 16 bytes (RFC 4648, 3.5 and 4): padded, and with no bit more. */
  private static boolean isKey(String key) {
    try {
      byte[] bytes = Base64.getDecoder().decode(key);
      return bytes.length == KEY_BYTES && Base64.getEncoder().encodeToString(bytes).equals(key);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static String accept(String key) {
    try {
      byte[] all = (key + GUID).getBytes(US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(all));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-1", e);
    }
  }

  private static Answer.Refuse refuse(HttpResponseStatus status, String why) {
    FullHttpResponse response = response(status, why + "\n");
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN);
    response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, VERSION);
    if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
      response.headers().set(HttpHeaderNames.ALLOW, HttpMethod.GET);
    }
    return new Answer.Refuse(response);
  }

  private static FullHttpResponse response(HttpResponseStatus status, String text) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(text, US_ASCII));
    if (status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS)
        || status.equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
      response.headers().set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    }
    return response;
  }

  /** What a header lists, over all its lines. */
  private static Stream<String> tokens(HttpHeaders headers, CharSequence name) {
    return headers.getAll(name).stream()
        .flatMap(line -> Stream.of(line.split(",")))
        .map(String::trim)
        .filter(token -> !token.isEmpty());
  }
}
