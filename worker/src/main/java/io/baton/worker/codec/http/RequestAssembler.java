package io.baton.worker.codec.http;

import io.baton.worker.codec.Window;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Makes whole requests of the decoder's pieces, says 100 Continue where it is waited for, and
 * answers itself what no service should see: what is malformed or too large. Such an answer is the
 * connection's last.
 */
final class RequestAssembler extends ChannelInboundHandlerAdapter {
  /** A body of more pieces than this is copied together. */
  private static final int MAX_PIECES = 1024;

  private final Exchange exchange;
  private final Window window;
  private final int maxContent;
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable HttpRequest request;
  private @Nullable ByteBuf body;

  RequestAssembler(Exchange exchange, Window window, int maxContent) {
    this.exchange = exchange;
    this.window = window;
    this.maxContent = maxContent;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    forget();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    switch (msg) {
      case HttpRequest head -> begin(ctx, head);
      case HttpContent content -> add(ctx, content);
      default -> ctx.fireChannelRead(msg);
    }
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest head) {
    exchange.begin(head);
    HttpResponseStatus wrong = complaint(head);
    if (wrong != null) {
      refuse(wrong);
      return;
    }
    request = head;
    if (HttpUtil.is100ContinueExpected(head)) {
      var _ =
          ctx.writeAndFlush(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER),
              ctx.voidPromise());
    }
  }

  /** What is wrong with a request that can be told from its head; null if nothing is. */
  private @Nullable HttpResponseStatus complaint(HttpRequest head) {
    if (head.decoderResult().isFailure()) {
      return switch (head.decoderResult().cause()) {
        case TooLongHttpLineException _ -> HttpResponseStatus.REQUEST_URI_TOO_LONG;
        case TooLongHttpHeaderException _ -> HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
        default -> HttpResponseStatus.BAD_REQUEST;
      };
    }
    HttpVersion version = head.protocolVersion();
    if (version.majorVersion() != 1) {
      return HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED;
    }
    HttpHeaders headers = head.headers();
    // RFC 9112, 3.2: exactly one Host since 1.1.
    int hosts = headers.getAll(HttpHeaderNames.HOST).size();
    if (hosts > 1 || (hosts == 0 && version.minorVersion() > 0)) {
      return HttpResponseStatus.BAD_REQUEST;
    }
    String expected = headers.get(HttpHeaderNames.EXPECT);
    if (expected != null && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expected)) {
      return HttpResponseStatus.EXPECTATION_FAILED;
    }
    return HttpUtil.getContentLength(head, 0L) > maxContent
        ? HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE
        : null;
  }

  private void add(ChannelHandlerContext ctx, HttpContent content) {
    HttpRequest head = request;
    if (head == null) {
      content.release(); // of a request that was refused
      return;
    }
    if (content.decoderResult().isFailure()) {
      content.release();
      refuse(HttpResponseStatus.BAD_REQUEST);
      return;
    }
    ByteBuf soFar = body;
    if ((soFar == null ? 0 : soFar.readableBytes()) + (long) content.content().readableBytes()
        > maxContent) {
      content.release();
      refuse(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
      return;
    }
    body = append(ctx, soFar, content.content());
    if (content instanceof LastHttpContent last) {
      handOut(ctx, head, body, last.trailingHeaders());
    }
  }

  /** Takes the piece over. */
  private static ByteBuf append(ChannelHandlerContext ctx, @Nullable ByteBuf body, ByteBuf piece) {
    if (body == null) {
      return piece;
    }
    if (!piece.isReadable()) {
      piece.release();
      return body;
    }
    CompositeByteBuf all =
        body instanceof CompositeByteBuf composite
            ? composite
            : ctx.alloc().compositeBuffer(MAX_PIECES).addComponent(true, body);
    return all.addComponent(true, piece);
  }

  private void handOut(
      ChannelHandlerContext ctx, HttpRequest head, ByteBuf whole, HttpHeaders trailers) {
    request = null;
    body = null;
    if (HttpUtil.isTransferEncodingChunked(head)) {
      HttpUtil.setTransferEncodingChunked(head, false);
      head.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, whole.readableBytes());
    }
    exchange.asked();
    window.shut();
    ctx.fireChannelRead(
        new DefaultFullHttpRequest(
            head.protocolVersion(), head.method(), head.uri(), whole, head.headers(), trailers));
  }

  private void refuse(HttpResponseStatus status) {
    forget();
    exchange.refused();
    window.shut();
    reply(status);
  }

  /** Answers the exchange with a bare status. */
  void reply(HttpResponseStatus status) {
    ChannelHandlerContext to = ctx;
    if (to == null) {
      return;
    }
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            ByteBufUtil.writeAscii(to.alloc(), status.reasonPhrase() + "\n"));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN);
    var _ = to.writeAndFlush(response, to.voidPromise());
  }

  private void forget() {
    request = null;
    ReferenceCountUtil.release(body);
    body = null;
  }
}
