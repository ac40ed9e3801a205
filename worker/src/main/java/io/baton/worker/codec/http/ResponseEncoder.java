package io.baton.worker.codec.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.util.ReferenceCountUtil;

/**
 * Netty's encoder, for responses that a {@link ResponseFinisher} has completed. It must be told
 * that the answer to a HEAD has no body; and what the codec adds to nearly every response, who
 * sends it, when, and how long it is, it writes by itself, past the response's headers.
 */
final class ResponseEncoder extends HttpResponseEncoder {
  private final Exchange exchange;
  private final ResponseFinisher finisher;
  private final UsualLines lines;

  ResponseEncoder(Exchange exchange, ResponseFinisher finisher, UsualLines lines) {
    this.exchange = exchange;
    this.finisher = finisher;
    this.lines = lines;
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
    HttpHeaders headers = response.headers();
    boolean signed =
        status.codeClass() != HttpStatusClass.INFORMATIONAL
            || status.code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code();
    lines.write(
        buf,
        signed && !headers.contains(HttpHeaderNames.DATE),
        signed && !headers.contains(HttpHeaderNames.SERVER),
        finisher.measured());
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpResponse response) {
    return exchange.head() || super.isContentAlwaysEmpty(response);
  }
}
