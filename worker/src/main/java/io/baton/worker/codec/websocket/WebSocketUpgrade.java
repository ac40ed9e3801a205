package io.baton.worker.codec.websocket;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.baton.codec.Protocol;
import io.baton.codec.websocket.Handshake;
import io.baton.config.Settings;
import io.baton.service.Service;
import io.baton.worker.codec.http.Upgrade;
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
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The handshake of WebSocket (RFC 6455, 4.2), with permessage-deflate in the form that can move
 * (RFC 7692, 7.1). Pages of other hosts may not come unless that is configured. Subprotocols, and
 * who else may not come, are the service's to say: {@link Handshake}.
 */
public final class WebSocketUpgrade implements Upgrade {
  private static final String VERSION = "13";
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int KEY_BYTES = 16;

  private final String name;
  private final Supplier<? extends Service<WebSocketFrame, WebSocketFrame>> service;
  private final boolean mayPack;
  private final WebSocketCodec plain;
  private final WebSocketCodec packing;
  private final Origins origins;
  private final DeniedOrigins denied;

  /**
   * @param name of the protocol that is spoken then
   * @param origins of pages that may come: {@link Settings.HttpRoute#origins}
   * @param denied is told of others
   * @param service makes the service of one session; may be a {@link Handshake}
   */
  public WebSocketUpgrade(
      String name,
      Settings.WebSocket bounds,
      List<String> origins,
      DeniedOrigins denied,
      Supplier<? extends Service<WebSocketFrame, WebSocketFrame>> service) {
    this.name = name;
    this.service = service;
    this.origins = Origins.of(origins);
    this.denied = denied;
    this.mayPack = bounds.deflate();
    this.plain = new WebSocketCodec(bounds.maxMessage(), false);
    this.packing = new WebSocketCodec(bounds.maxMessage(), true);
  }

  /** What a session that moves goes on with; what else it agreed on, it brings along. */
  public List<Protocol<WebSocketFrame, WebSocketFrame>> protocols() {
    List<Protocol<WebSocketFrame, WebSocketFrame>> all = new ArrayList<>();
    all.add(new Protocol<>(name, plain, service));
    if (service instanceof Handshake handshake) {
      for (String subprotocol : handshake.subprotocols()) {
        all.add(speaking(handshake, subprotocol, plain));
      }
    }
    return all;
  }

  private Protocol<WebSocketFrame, WebSocketFrame> speaking(
      Handshake handshake, String subprotocol, WebSocketCodec codec) {
    Supplier<Service<WebSocketFrame, WebSocketFrame>> speaks = () -> handshake.get(subprotocol);
    return new Protocol<>(
        name + " " + subprotocol,
        codec,
        handshake instanceof OfModule of ? OfModule.of(speaks, of.loader()) : speaks);
  }

  @Override
  public Answer ask(FullHttpRequest request) {
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
    return agree(headers, keys.getFirst());
  }

  private Answer agree(HttpHeaders asked, String key) {
    FullHttpResponse response = response(HttpResponseStatus.SWITCHING_PROTOCOLS, "");
    HttpHeaders headers = response.headers();
    headers.set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept(key));
    Optional<String> extension =
        mayPack
            ? tokens(asked, HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)
                .flatMap(offer -> DeflateOffer.answer(offer).stream())
                .findFirst()
            : Optional.empty();
    extension.ifPresent(it -> headers.set(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, it));
    WebSocketCodec codec = extension.isPresent() ? packing : plain;
    if (service instanceof Handshake handshake) {
      List<String> offered = tokens(asked, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).toList();
      Optional<String> common =
          handshake.subprotocols().stream().filter(offered::contains).findFirst();
      if (common.isPresent()) {
        headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, common.get());
        return new Answer.Switch(response, speaking(handshake, common.get(), codec));
      }
    }
    return new Answer.Switch(response, new Protocol<>(name, codec, service));
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

  private static Answer refuse(HttpResponseStatus status, String why) {
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
