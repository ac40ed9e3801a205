package io.baton.worker.tls;

import io.baton.worker.channel.Cover;
import io.baton.worker.channel.OrderlyClose;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind Netty's {@link SslHandler} until the handshake is done. Then a {@link Cover}
 * takes its place and, if it is TLS 1.3, that of the other, too, and the connection begins for
 * those behind: they have heard nothing before.
 *
 * <pre>
 *   bytes ─► RecordFeed ─► SslHandler ─► Handshake ─► codec    becomes
 *                              bytes ─► RecordsHandler ─► codec, or
 *               bytes ─► RecordFeed ─► SslHandler ─► EngineCover ─► codec
 * </pre>
 *
 * <p>Event loop only.
 */
final class Handshake extends ChannelInboundHandlerAdapter {
  private static final String ENGINE = "tls-engine";
  private static final String COVER = "tls";

  private final TlsListener listener;
  private final Handshakes all;
  private final Arrival arrival;
  private final RecordFeed feed;
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable SslHandler handler;
  private @Nullable ScheduledFuture<?> timeout;
  private boolean over;

  Handshake(TlsListener listener, Handshakes all, Arrival arrival) {
    this.listener = listener;
    this.all = all;
    this.arrival = arrival;
    this.feed = listener.recordFeed(arrival.plaintextReply(), this::refuse);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    this.ctx = ctx;
    arrival.arrived();
    timeout = ctx.executor().schedule(this::late, listener.handshakeMs(), TimeUnit.MILLISECONDS);
    if (all.enter(this)) {
      addEngine(ctx);
    } else {
      ctx.channel().config().setAutoRead(false);
    }
  }

  /** Its turn has come. */
  void begin() {
    ChannelHandlerContext begins = ctx;
    if (begins != null) {
      addEngine(begins);
      begins.channel().config().setAutoRead(true);
    }
  }

  private void addEngine(ChannelHandlerContext ctx) {
    SslHandler added = listener.newHandler(ctx.alloc());
    handler = added;
    ctx.pipeline().addBefore(ctx.name(), ENGINE, added);
    ctx.pipeline().addBefore(ENGINE, null, feed);
  }

  private void late() {
    failed("not done within handshake-timeout");
    abort();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
    SslHandler does = handler;
    if (does != null && !over && evt instanceof SslHandshakeCompletionEvent end) {
      if (end.isSuccess()) {
        succeeded(ctx, does);
      } else {
        failed(reason(end.cause())); // who is told closes the channel
      }
    }
  }

  /** The client does not encrypt, and is told so in the clear. */
  private void refuse(ByteBuf reply) {
    ChannelHandlerContext to = ctx;
    SslHandler does = handler;
    if (to == null || does == null) {
      reply.release();
      return;
    }
    failed("the client does not encrypt what it sends");
    to.pipeline().remove(feed);
    to.pipeline().remove(does);
    var _ = to.writeAndFlush(reply);
    OrderlyClose.begin(to.channel(), false);
  }

  private static String reason(Throwable cause) {
    if (cause instanceof ClosedChannelException) {
      return "the connection was closed";
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  private void succeeded(ChannelHandlerContext ctx, SslHandler does) {
    List<X509Certificate> certificates = listener.certificates(does);
    boolean resumed = listener.isResumed(does);
    RecordsHandler records;
    try {
      for (X509Certificate each : certificates) {
        each.checkValidity(); // a ticket may be good for longer
      }
      records = listener.takeOver(does, certificates, ctx.alloc());
    } catch (CertificateException e) {
      failed("the client's certificate is not valid: " + reason(e));
      abort();
      return;
    } catch (SSLException e) {
      failed(reason(e));
      abort();
      return;
    }
    over();
    all.done(this, resumed);
    arrival.secured(certificates);
    if (records == null) {
      ctx.pipeline().replace(this, COVER, listener.engineCover(does));
      ctx.pipeline().context(COVER).fireChannelActive();
      return;
    }
    feed.end();
    ctx.pipeline().replace(this, COVER, records);
    leave(ctx, does);
    records.begin();
  }

  /**
   * Removes the engine, of which nothing is wanted any more. Otherwise it would tell those behind
   * that its connection was not closed, by an exception with a trace of a stack that is deep here.
   */
  private static void leave(ChannelHandlerContext ctx, SslHandler does) {
    if (does.sslCloseFuture() instanceof Promise<Channel> closed) {
      closed.trySuccess(ctx.channel());
    }
    ctx.pipeline().remove(does);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ReferenceCountUtil.release(msg); // of a connection that is being ended
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    // Nobody behind has been given anything.
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    // Nobody behind has written anything.
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failed(reason(cause)); // unless there is word of it already
    var _ = ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    failed("the connection was closed before its turn"); // else it has been told of already
    arrival.failed();
  }

  /** Nothing will come of it, unless it is over. */
  private void failed(String why) {
    if (over) {
      return;
    }
    over();
    SslHandler does = handler;
    if (does != null) {
      listener.forget(does);
    }
    listener.failed(why);
    all.failed(this);
  }

  private void over() {
    over = true;
    ScheduledFuture<?> timer = timeout;
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /** Ends the connection. */
  void abort() {
    ChannelHandlerContext ends = ctx;
    if (ends != null) {
      var _ = ends.channel().close();
    }
  }
}
