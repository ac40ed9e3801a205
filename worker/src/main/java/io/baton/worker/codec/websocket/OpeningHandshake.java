package io.baton.worker.codec.websocket;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.baton.codec.Protocol;
import io.baton.worker.codec.http.Upgrade;
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
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The opening handshake of WebSocket (RFC 6455, 4.2) on one route, whatever is spoken behind it.
 * Pages of other hosts may not come unless that is configured.
 */
final class OpeningHandshake {
  private static final String VERSION = "13";
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int KEY_BYTES = 16;

  /** When a client may come again that could not be served now, in seconds. */
  private static final String RETRY_AFTER = "1";

  private final String route;
  private final Origins origins;
  private final DeniedOrigins denied;

  /**
   * @param route for the log
   * @param origins of pages that may come, as they are configured
   * @param denied is told of others
   */
  OpeningHandshake(String route, List<String> origins, DeniedOrigins denied) {
    this.route = route;
    this.origins = Origins.of(origins);
    this.denied = denied;
  }

  /** Returns why the request is refused; null if it is as it should be. */
  Upgrade.Answer.@Nullable Refuse objection(FullHttpRequest request) {
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
      denied.add(route, origin, headers.get(HttpHeaderNames.HOST, ""));
      return refuse(HttpResponseStatus.FORBIDDEN, "a page of another origin may not connect here");
    }
    return null;
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

  /** Returns what the answer to a request with these fields says to its key. */
  static String accept(HttpHeaders asked) {
    try {
      String key = asked.get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
      byte[] all = (key + GUID).getBytes(US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(all));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-1", e);
    }
  }

  /**
   * Returns the answer that agrees.
   *
   * @param accept to the client's key
   */
  static FullHttpResponse switching(String accept) {
    FullHttpResponse response = response(HttpResponseStatus.SWITCHING_PROTOCOLS, "");
    response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept);
    return response;
  }

  /** Refuses with a status, and says why. */
  static Upgrade.Answer.Refuse refuse(HttpResponseStatus status, String why) {
    FullHttpResponse response = response(status, why + "\n");
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN);
    response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, VERSION);
    if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
      response.headers().set(HttpHeaderNames.ALLOW, HttpMethod.GET);
    }
    return new Upgrade.Answer.Refuse(response);
  }

  /** Refuses a client that is no page, which sees the status. */
  static Upgrade.Answer refuse(CloseCode why) {
    Upgrade.Answer.Refuse refusal = refuse(why.status(), why.text());
    if (why == CloseCode.TRY_LATER) {
      refusal.response().headers().set(HttpHeaderNames.RETRY_AFTER, RETRY_AFTER);
    }
    return refusal;
  }

  /**
   * Tells a page why it gets no session, by a close code behind the handshake.
   *
   * @param response that agrees
   * @param maxMessage bytes of a message that it may have sent by then
   */
  Upgrade.Answer farewell(FullHttpResponse response, int maxMessage, CloseCode why) {
    WebSocketCodec codec = new WebSocketCodec(maxMessage, false);
    return new Upgrade.Answer.Switch(
        response, new Protocol<>(route, codec, () -> new FarewellService(why)));
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

  /** Returns what a header lists, over all its lines. */
  static Stream<String> tokens(HttpHeaders headers, CharSequence name) {
    return headers.getAll(name).stream()
        .flatMap(line -> Stream.of(line.split(",")))
        .map(String::trim)
        .filter(token -> !token.isEmpty());
  }
}
