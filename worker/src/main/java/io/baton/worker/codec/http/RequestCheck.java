package io.baton.worker.codec.http;

import io.baton.codec.http.RequestTarget;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpContentException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a request that can be told from its head. Strict where leniency would leave
 * open how long the request is, or whom it is for, because a proxy in front of us may have decided
 * otherwise (RFC 9112, 11.2).
 */
final class RequestCheck {

  private RequestCheck() {}

  /** The status that says what is wrong; null if nothing is. */
  static @Nullable HttpResponseStatus complaint(HttpRequest head, long maxContent) {
    if (head.decoderResult().isFailure()) {
      return status(head.decoderResult().cause());
    }
    HttpVersion version = head.protocolVersion();
    if (version.majorVersion() != 1) {
      return HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED;
    }
    boolean since11 = version.minorVersion() > 0;
    if (!isHostFit(head.headers().valueStringIterator(HttpHeaderNames.HOST), since11)) {
      return HttpResponseStatus.BAD_REQUEST;
    }
    if (head.method().equals(HttpMethod.CONNECT)) {
      return HttpResponseStatus.NOT_IMPLEMENTED; // for proxies, which this is not
    }
    if (!isTargetFit(head.method(), head.uri())) {
      return HttpResponseStatus.BAD_REQUEST;
    }
    HttpResponseStatus length = lengthComplaint(head, maxContent);
    if (length != null) {
      return length;
    }
    // 1.0 knows no expectations (RFC 9110, 10.1.1).
    boolean expected = since11 && head.headers().contains(HttpHeaderNames.EXPECT);
    boolean met =
        !expected
            || Fields.isOnly(head.headers(), HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE);
    return met ? null : HttpResponseStatus.EXPECTATION_FAILED;
  }

  private static HttpResponseStatus status(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException _ -> HttpResponseStatus.REQUEST_URI_TOO_LONG;
      case TooLongHttpHeaderException _ -> HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
      case TooLongHttpContentException _ -> HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE;
      default -> HttpResponseStatus.BAD_REQUEST;
    };
  }

  /** The same for what is wrong with a body. A chunk's line that is too long is no target. */
  static HttpResponseStatus contentStatus(Throwable cause) {
    return cause instanceof TooLongHttpLineException
        ? HttpResponseStatus.BAD_REQUEST
        : status(cause);
  }

  /** RFC 9112, 3.2: exactly one Host since 1.1, and never one that makes no sense. */
  private static boolean isHostFit(Iterator<String> hosts, boolean since11) {
    return hosts.hasNext() ? isHost(hosts.next()) && !hosts.hasNext() : !since11;
  }

  /** An http URI has a host that is not empty (RFC 9110, 4.2.1), so a request to it does, too. */
  private static boolean isHost(String authority) {
    return !authority.isEmpty() && !authority.startsWith(":") && Chars.isAuthority(authority);
  }

  /** RFC 9112, 3.2.1 to 3.2.4, without CONNECT's. */
  private static boolean isTargetFit(HttpMethod method, String target) {
    if (target.startsWith("/")) {
      return true;
    }
    if (target.equals("*")) {
      return method.equals(HttpMethod.OPTIONS);
    }
    int authority = RequestTarget.authorityAt(target);
    if (authority < 0) {
      return false;
    }
    return isHost(target.substring(authority, RequestTarget.authorityEnd(target, authority)));
  }

  /** What contradicts itself was refused by the decoder; codings nobody here can undo are left. */
  private static @Nullable HttpResponseStatus lengthComplaint(HttpRequest head, long maxContent) {
    HttpHeaders headers = head.headers();
    // WebSocket's draft 76 sends 8 bytes of body that no header tells of, and the decoder takes
    // them for one; nobody else does.
    if (headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY1)
        || headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY2)) {
      return HttpResponseStatus.BAD_REQUEST;
    }
    if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      boolean chunked =
          Fields.isOnly(headers, HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      return chunked ? null : HttpResponseStatus.NOT_IMPLEMENTED;
    }
    boolean tooLong =
        headers.contains(HttpHeaderNames.CONTENT_LENGTH)
            && HttpUtil.getContentLength(head, 0L) > maxContent;
    return tooLong ? HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE : null;
  }
}
