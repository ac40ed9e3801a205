package io.baton.worker.run;

import io.baton.codec.TryAgainLaterException;
import io.baton.service.CloseReason;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;

/** Last in the pipeline: what Netty says, told to the connection. */
final class SessionHandler extends ChannelInboundHandlerAdapter {
  private final Connection connection;

  SessionHandler(Connection connection) {
    this.connection = connection;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    connection.active();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    connection.outlet().reading();
    connection.receive(msg);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    connection.readComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    connection.writabilityChanged();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
    if (evt instanceof ChannelInputShutdownEvent) {
      connection.inputEnded();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    switch (cause) {
      case IOException _ -> connection.broke();
      case TryAgainLaterException _ -> connection.endInTurn(CloseReason.LIMIT);
      case DecoderException _ ->
          connection.endInTurn(CloseReason.PROTOCOL); // a peer's garbage ends that peer
      default -> {
        if (connection.isWriting()) {
          connection.fail(cause); // what the service sent cannot be encoded
        } else {
          connection.failInTurn(cause);
        }
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    connection.closed();
  }
}
