package io.baton.worker.codec.http;

import io.baton.service.CloseReason;
import io.baton.worker.codec.Window;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Makes whole requests of the decoder's pieces, says 100 Continue where it is waited for, and
 * answers itself what no service should see: what is malformed or too large. Such an answer is the
 * connection's last.
 */
final class RequestAssembler {
  private final Exchange exchange;
  private final Window window;
  private final Upgrader upgrader;
  private final int maxContent;
  private @Nullable HttpRequest request;
  private @Nullable ByteBuf body;

  RequestAssembler(Exchange exchange, Window window, Upgrader upgrader, int maxContent) {
    this.exchange = exchange;
    this.window = window;
    this.upgrader = upgrader;
    this.maxContent = maxContent;
  }

  /** The next piece; it is the assembler's from here on. */
  void take(ChannelHandlerContext ctx, Object piece) {
    switch (piece) {
      case HttpRequest head -> begin(ctx, head);
      case HttpContent content -> add(ctx, content);
      default -> throw new IllegalStateException("not of a request: " + piece.getClass());
    }
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest head) {
    exchange.begin(head);
    HttpResponseStatus wrong = RequestCheck.complaint(head, maxContent);
    if (wrong != null) {
      ReferenceCountUtil.release(head); // an invalid one may come with a body
      refuse(ctx, wrong);
      return;
    }
    long length = contentLength(head);
    if (length > 0 && !window.admits(length)) {
      last(ctx, Replies.tryAgain(), CloseReason.LIMIT);
      return;
    }
    request = head;
    // No other expectation comes until here.
    if (!exchange.http10() && length > 0 && head.headers().contains(HttpHeaderNames.EXPECT)) {
      var _ =
          ctx.writeAndFlush(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER),
              ctx.voidPromise());
    }
  }

  /** In bytes, at most. */
  private long contentLength(HttpRequest head) {
    HttpHeaders headers = head.headers();
    if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      return maxContent; // in chunks, or it was refused
    }
    return headers.contains(HttpHeaderNames.CONTENT_LENGTH)
        ? HttpUtil.getContentLength(head, 0L)
        : 0;
  }

  /** How much memory the body takes that is arriving. */
  int held() {
    return body == null ? 0 : body.capacity();
  }

  private void add(ChannelHandlerContext ctx, HttpContent content) {
    HttpRequest head = request;
    if (head == null) {
      content.release(); // of a request that was refused
      return;
    }
    if (content.decoderResult().isFailure()) {
      HttpResponseStatus wrong = RequestCheck.contentStatus(content.decoderResult().cause());
      content.release();
      refuse(ctx, wrong);
      return;
    }
    int soFar = body == null ? 0 : body.readableBytes();
    if (soFar + (long) content.content().readableBytes() > maxContent) {
      content.release();
      refuse(ctx, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
      return;
    }
    if (content instanceof LastHttpContent last) {
      handOut(ctx, head, last);
    } else {
      append(ctx, content);
    }
  }

  /**
   * Copies: the piece is a part of what was read, and a body of small pieces would keep a whole
   * read's memory for each.
   */
  private void append(ChannelHandlerContext ctx, HttpContent piece) {
    ByteBuf all = body;
    if (all == null) {
      all = ctx.alloc().buffer(piece.content().readableBytes(), maxContent);
      body = all;
    }
    all.writeBytes(piece.content());
    piece.release();
  }

  private void handOut(ChannelHandlerContext ctx, HttpRequest head, LastHttpContent last) {
    ByteBuf whole;
    if (body == null) {
      whole = last.content();
    } else {
      append(ctx, last);
      whole = body;
    }
    request = null;
    body = null;
    if (head.headers()
        .contains(HttpHeaderNames.TRANSFER_ENCODING)) { // in chunks, or it was refused
      head.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
      head.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, whole.readableBytes());
    }
    FullHttpRequest full =
        new DefaultFullHttpRequest(
            head.protocolVersion(),
            head.method(),
            head.uri(),
            whole,
            head.headers(),
            last.trailingHeaders());
    exchange.asked();
    if (!upgrader.takes(ctx, full)) {
      window.shut();
      ctx.fireChannelRead(full);
    }
  }

  private void refuse(ChannelHandlerContext ctx, HttpResponseStatus status) {
    last(ctx, Replies.of(status), CloseReason.PROTOCOL);
  }

  /** Answers, whether or not anything was asked, and ends the session. */
  void last(ChannelHandlerContext ctx, FullHttpResponse reply, CloseReason why) {
    forget();
    exchange.unasked(why);
    window.shut();
    var _ = ctx.writeAndFlush(reply, ctx.voidPromise());
  }

  /** Lets go of what it has of a request. */
  void forget() {
    request = null;
    ReferenceCountUtil.release(body);
    body = null;
  }
}
