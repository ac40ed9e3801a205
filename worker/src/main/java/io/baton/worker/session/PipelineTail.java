package io.baton.worker.session;

import io.baton.codec.Protocol;
import io.baton.codec.ProtocolSwitchEvent;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;

/** The last handler of each pipeline: passes Netty's events on to the session. */
final class PipelineTail extends ChannelInboundHandlerAdapter {

  /** What a session is told of its carrier. Event loop only. */
  interface Events {
    /** The channel is registered: reading and writing may begin. */
    void active();

    /** The codec hands out a message. */
    void received(Object message);

    /** What one read brought has been decoded, as far as the window allowed. */
    void readComplete();

    /** Output has crossed the high-water mark upwards, or the low one downwards. */
    void writabilityChanged();

    /** The client has sent its last byte, and the codec has handed out what it made of them. */
    void inputEnded();

    /**
     * The codec has removed itself in favour of another protocol.
     *
     * @param unread bytes that belong to the next protocol; the session's from now on
     */
    void protocolSwitched(Protocol<?, ?> next, ByteBuf unread);

    /** The connection, the codec or the service's message failed. */
    void failed(Throwable cause);

    /** The channel is closed. */
    void closed();
  }

  private final Events events;

  PipelineTail(Events events) {
    this.events = events;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    events.active();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    events.received(msg);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    events.readComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    events.writabilityChanged();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
    switch (evt) {
      case ChannelInputShutdownEvent _ -> events.inputEnded();
      case ProtocolSwitchEvent(var next, var unread) -> events.protocolSwitched(next, unread);
      default -> {
        // Another handler's matter.
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    events.failed(cause);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    events.closed();
  }
}
