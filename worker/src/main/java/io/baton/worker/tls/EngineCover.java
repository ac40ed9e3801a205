package io.baton.worker.tls;

import io.baton.worker.channel.Cover;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Stands behind Netty's {@link SslHandler} where that keeps a connection to its end: of TLS 1.2, or
 * where BoringSSL is to have the records. Event loop only.
 */
final class EngineCover extends ChannelInboundHandlerAdapter implements Cover {
  /** What BoringSSL and Netty keep of such a connection, about, in bytes. */
  private static final long SIZE = 32 * 1024;

  private final SslHandler handler;
  private final LongConsumer held;
  private final String why;
  private boolean inputEnded;

  /**
   * @param why it stays, for the operator
   */
  EngineCover(SslHandler handler, LongConsumer held, String why) {
    this.handler = handler;
    this.held = held;
    this.why = why;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    held.accept(SIZE);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    held.accept(-SIZE);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
    boolean ends =
        evt instanceof SslCloseCompletionEvent || evt instanceof ChannelInputShutdownEvent;
    if (!ends) {
      ctx.fireUserEventTriggered(evt);
    } else if (!inputEnded) { // a FIN behind a close_notify is no news
      inputEnded = true;
      ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
  }

  @Override
  public void closeNotify() {
    var _ = handler.closeOutbound();
  }

  @Override
  public @Nullable String whyItStays() {
    return why;
  }

  @Override
  public Optional<ByteBuffer> give() {
    return Optional.empty();
  }

  @Override
  public void takeBack() {
    // Nothing was given.
  }
}
