package io.baton.worker.codec.http;

import io.baton.service.CloseReason;
import io.baton.worker.codec.Window;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
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
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;

/**
 * Completes a response: how long its body is, whether the connection goes on, who sent it when.
 * With its last piece the exchange is over: the window opens for the next request or the session
 * ends.
 */
final class ResponseFinisher extends ChannelOutboundHandlerAdapter {
  private static final AsciiString SERVER = AsciiString.cached("Baton");

  private final Exchange exchange;
  private final Window window;
  private final RequestDecoder decoder;
  private final HttpDate date;

  ResponseFinisher(Exchange exchange, Window window, RequestDecoder decoder, HttpDate date) {
    this.exchange = exchange;
    this.window = window;
    this.decoder = decoder;
    this.date = date;
  }

  /**
   * @throws IllegalStateException for a response nobody asked for or a piece out of place: the
   *     service's mistake, which ends its session
   */
  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (msg instanceof HttpResponse interim && isInterim(interim)) {
      var _ = ctx.write(msg, promise);
      return;
    }
    if (msg instanceof HttpResponse head) {
      require(exchange.phase() == Exchange.Phase.ASKED, msg, "a response without a request");
      complete(head);
      exchange.answering();
    } else if (msg instanceof HttpContent) {
      require(exchange.phase() == Exchange.Phase.ANSWERING, msg, "content without a response");
    }
    var _ = ctx.write(msg, promise);
    if (msg instanceof LastHttpContent) {
      end();
    }
  }

  private void complete(HttpResponse response) {
    HttpHeaders headers = response.headers();
    response.setProtocolVersion(HttpVersion.HTTP_1_1); // a server says its own, to 1.0 too
    if (!headers.contains(HttpHeaderNames.DATE)) {
      headers.set(HttpHeaderNames.DATE, date.now());
    }
    if (!headers.contains(HttpHeaderNames.SERVER)) {
      headers.set(HttpHeaderNames.SERVER, SERVER);
    }
    delimit(response, headers);
    if (headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true)) {
      exchange.closeAfter(CloseReason.SERVICE);
    }
    if (exchange.draining() && decoder.atBoundary()) {
      exchange.closeAfter(CloseReason.SHUTDOWN);
    }
    if (exchange.closing() != null) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (exchange.http10()) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
  }

  /** Says where the body ends, if there may be one and the service did not say. */
  private void delimit(HttpResponse response, HttpHeaders headers) {
    int status = response.status().code();
    if (status == HttpResponseStatus.NO_CONTENT.code()
        || status == HttpResponseStatus.NOT_MODIFIED.code()
        || headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      return;
    }
    if (response instanceof FullHttpResponse full) {
      // An empty answer to a HEAD does not say how long the GET's would be.
      if (!exchange.head() || full.content().isReadable()) {
        HttpUtil.setTransferEncodingChunked(response, false);
        headers.setInt(HttpHeaderNames.CONTENT_LENGTH, full.content().readableBytes());
      }
    } else if (exchange.http10()) {
      HttpUtil.setTransferEncodingChunked(response, false);
      exchange.closeAfter(CloseReason.SERVICE); // 1.0 knows no chunks: the end of input is the end
    } else {
      HttpUtil.setTransferEncodingChunked(response, true);
    }
  }

  private void end() {
    exchange.answered();
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

  /** 1xx but 101, which is the final answer to an upgrade. */
  private static boolean isInterim(HttpResponse response) {
    return response.status().codeClass() == HttpStatusClass.INFORMATIONAL
        && response.status().code() != HttpResponseStatus.SWITCHING_PROTOCOLS.code();
  }

  private static void require(boolean holds, Object msg, String what) {
    if (!holds) {
      ReferenceCountUtil.release(msg);
      throw new IllegalStateException(what);
    }
  }
}
