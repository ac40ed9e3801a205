package io.baton.worker.codec.http;

import io.baton.codec.Window;
import io.baton.service.CloseReason;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Completes a response: how long its body is, and whether the connection goes on. With its last
 * piece the exchange is over: the window opens for the next request or the session ends.
 */
final class ResponseFinisher {
  private static final int NONE = -1;

  private final Exchange exchange;
  private final Window window;
  private final RequestDecoder decoder;
  private long left = NONE;
  private int measured = NONE;

  /** For the log: nothing of the response's content is sent. */
  private boolean bodiless;

  ResponseFinisher(Exchange exchange, Window window, RequestDecoder decoder) {
    this.exchange = exchange;
    this.window = window;
    this.decoder = decoder;
  }

  /**
   * Completes what is about to be written.
   *
   * @return whether the client is to get it
   * @throws IllegalStateException for a response nobody asked for, a piece out of place or a length
   *     that is not the body's
   */
  boolean finish(Object msg) {
    measured = NONE;
    if (msg instanceof HttpResponse response
        && response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
      checkInterim(response);
      return !exchange.http10(); // RFC 9110, 15.2
    }
    check(msg);
    return true;
  }

  /**
   * How long the body is, in bytes, where the head must say so because the service did not;
   * negative where it must not.
   */
  int measured() {
    return measured;
  }

  /** It is written, and no interim response ends an exchange. */
  void written(Object msg) {
    if (msg instanceof LastHttpContent && exchange.phase() == Exchange.Phase.ANSWERING) {
      end();
    }
  }

  /** Whole ones only: behind another the encoder waits for content, which none of these has. */
  private void checkInterim(HttpResponse response) {
    require(
        response instanceof FullHttpResponse, response.status() + " that is no FullHttpResponse");
    boolean fits =
        switch (exchange.phase()) {
          case RECEIVING, ASKED ->
              response.status().code() != HttpResponseStatus.SWITCHING_PROTOCOLS.code();
          case SWITCHING -> true;
          case IDLE, ANSWERING -> false;
        };
    require(fits, response.status() + " out of place");
  }

  private void check(Object msg) {
    if (msg instanceof HttpResponse head) {
      require(exchange.phase() == Exchange.Phase.ASKED, "a response without a request");
      complete(head);
    } else {
      require(exchange.phase() == Exchange.Phase.ANSWERING, "content without a response");
    }
    if (msg instanceof HttpContent content && left != NONE) {
      left -= content.content().readableBytes();
      require(left >= 0, "more content than the response's Content-Length");
      require(left == 0 || !(msg instanceof LastHttpContent), "less content than Content-Length");
    }
    if (msg instanceof HttpResponse head) {
      exchange.answering(head.status());
    }
    RequestLog log = exchange.log();
    if (log != null) {
      log(msg, log);
    }
  }

  private void log(Object msg, RequestLog log) {
    if (msg instanceof HttpResponse head) {
      log.status(head.status());
      bodiless = exchange.head() || isWithoutBody(head);
    }
    if (msg instanceof HttpContent content && !bodiless) {
      log.sent(content.content().readableBytes());
    }
  }

  private void complete(HttpResponse response) {
    HttpHeaders headers = response.headers();
    response.setProtocolVersion(HttpVersion.HTTP_1_1); // a server says its own, to 1.0 too
    boolean coded = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    boolean sized = headers.contains(HttpHeaderNames.CONTENT_LENGTH);
    require(!(coded && sized), "both Content-Length and Transfer-Encoding");
    if (coded) {
      require(
          Fields.isOnly(headers, HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED),
          "a Transfer-Encoding other than chunked");
    }
    left = sized ? declared(response) : NONE;
    if (!sized && !isWithoutBody(response)) {
      delimit(response, coded);
    }
    if (headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true)) {
      exchange.closeAfter(CloseReason.SERVICE);
    }
    if (exchange.arriving()) {
      exchange.closeAfter(CloseReason.SERVICE); // nobody reads the rest of the request
    }
    if (exchange.draining() && decoder.atBoundary()) {
      exchange.closeAfter(CloseReason.SHUTDOWN);
    }
    @Nullable CharSequence persistence =
        exchange.closing() != null
            ? HttpHeaderValues.CLOSE
            : exchange.http10() ? HttpHeaderValues.KEEP_ALIVE : null;
    if (headers.contains(HttpHeaderNames.UPGRADE)) {
      // Never without its connection option (RFC 9110, 7.8): it is for the next hop only.
      headers.set(
          HttpHeaderNames.CONNECTION,
          persistence == null
              ? HttpHeaderValues.UPGRADE
              : HttpHeaderValues.UPGRADE + ", " + persistence);
    } else if (persistence != null) {
      headers.set(HttpHeaderNames.CONNECTION, persistence);
    }
  }

  /** How much content must follow, by the service's own word. */
  private long declared(HttpResponse response) {
    List<String> lengths = response.headers().getAll(HttpHeaderNames.CONTENT_LENGTH);
    require(lengths.size() == 1, "more than one Content-Length");
    long length = length(lengths.getFirst());
    // Of these it is the length of what is not sent.
    return exchange.head() || isWithoutBody(response) ? NONE : length;
  }

  private static long length(String text) {
    try {
      require(!text.isEmpty() && Chars.isDigits(text, 0), "Content-Length");
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalStateException("Content-Length", e);
    }
  }

  private static boolean isWithoutBody(HttpResponse response) {
    int status = response.status().code();
    return status == HttpResponseStatus.NO_CONTENT.code()
        || status == HttpResponseStatus.RESET_CONTENT.code() // Netty's encoder says 0 for it
        || status == HttpResponseStatus.NOT_MODIFIED.code();
  }

  /** Says where the body ends, which the service did not. */
  private void delimit(HttpResponse response, boolean coded) {
    boolean chunked = !(response instanceof FullHttpResponse) && !exchange.http10();
    if (coded != chunked) {
      HttpUtil.setTransferEncodingChunked(response, chunked);
    }
    if (response instanceof FullHttpResponse full) {
      // An empty answer to a HEAD does not say how long the GET's would be.
      if (!exchange.head() || full.content().isReadable()) {
        measured = full.content().readableBytes();
      }
    } else if (exchange.http10()) {
      exchange.closeAfter(CloseReason.SERVICE); // 1.0 knows no chunks: the end of input is the end
    }
  }

  private void end() {
    exchange.answered();
    decoder.heldChanged();
    // A drain that began during the response: its head did not say close, its end does.
    if (exchange.draining() && decoder.atBoundary()) {
      exchange.closeAfter(CloseReason.SHUTDOWN);
    }
    CloseReason why = exchange.closing();
    if (why == null) {
      window.reopen();
    } else {
      window.end(why);
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }
}
