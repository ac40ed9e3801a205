package io.baton.worker.run;

import io.baton.service.CloseReason;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;

/** Last in the pipeline: what Netty says, told to the session. */
final class SessionHandler extends ChannelInboundHandlerAdapter {
  private final LoopSession<?, ?> session;

  SessionHandler(LoopSession<?, ?> session) {
    this.session = session;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    session.open();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    session.outlet().reading();
    session.receive(msg);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    session.outlet().readComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    session.writabilityChanged();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
    if (evt instanceof ChannelInputShutdownEvent) {
      session.inputEnded();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    switch (cause) {
      case IOException _ -> session.broke();
      case DecoderException _ ->
          session.end(CloseReason.PROTOCOL); // a peer's garbage ends that peer
      default -> session.fail(cause);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    session.closed();
  }
}
