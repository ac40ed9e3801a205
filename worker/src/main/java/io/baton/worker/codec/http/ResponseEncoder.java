package io.baton.worker.codec.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpConstants;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;

/**
 * Netty's encoder, for responses that a {@link ResponseFinisher} has completed. It must be told
 * that the answer to a HEAD has no body; and what the codec adds to nearly every response, who
 * sends it, when, and how long it is, it writes by itself, past the response's headers.
 */
final class ResponseEncoder extends HttpResponseEncoder {
  private static final byte[] SERVER = "server: Baton\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LENGTH = "content-length: ".getBytes(StandardCharsets.US_ASCII);
  private static final int CRLF = HttpConstants.CR << 8 | HttpConstants.LF;

  private final Exchange exchange;
  private final ResponseFinisher finisher;
  private final HttpDate date;

  ResponseEncoder(Exchange exchange, ResponseFinisher finisher, HttpDate date) {
    this.exchange = exchange;
    this.finisher = finisher;
    this.date = date;
  }

  /**
   * @throws IllegalStateException for a response nobody asked for, a piece out of place or a length
   *     that is not the body's: the service's mistake, which ends its session
   */
  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise)
      throws Exception {
    boolean wanted;
    try {
      wanted = finisher.finish(msg);
    } catch (RuntimeException e) {
      ReferenceCountUtil.release(msg);
      throw e;
    }
    if (wanted) {
      super.write(ctx, msg, promise);
      finisher.written(msg);
    } else {
      ReferenceCountUtil.release(msg);
      promise.trySuccess();
    }
  }

  @Override
  protected void encodeInitialLine(ByteBuf buf, HttpResponse response) throws Exception {
    super.encodeInitialLine(buf, response);
    HttpResponseStatus status = response.status();
    if (status.codeClass() != HttpStatusClass.INFORMATIONAL
        || status.code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      sign(buf, response.headers());
    }
    if (finisher.isMeasured()) {
      measure(buf, finisher.measured());
    }
  }

  private static void measure(ByteBuf buf, int length) {
    buf.writeBytes(LENGTH);
    ByteBufUtil.writeAscii(buf, Integer.toString(length));
    ByteBufUtil.writeShortBE(buf, CRLF);
  }

  private void sign(ByteBuf buf, HttpHeaders headers) {
    if (!headers.contains(HttpHeaderNames.DATE)) {
      buf.writeBytes(date.line());
    }
    if (!headers.contains(HttpHeaderNames.SERVER)) {
      buf.writeBytes(SERVER);
    }
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpResponse response) {
    return exchange.head() || super.isContentAlwaysEmpty(response);
  }
}
