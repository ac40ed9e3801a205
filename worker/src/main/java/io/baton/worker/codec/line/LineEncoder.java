package io.baton.worker.codec.line;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/** A text and LF. */
@Sharable
final class LineEncoder extends ChannelOutboundHandlerAdapter {
  static final LineEncoder INSTANCE = new LineEncoder();

  private LineEncoder() {}

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    String text = (String) msg;
    ByteBuf bytes = ctx.alloc().buffer(ByteBufUtil.utf8Bytes(text) + 1);
    bytes.writeCharSequence(text, UTF_8);
    var _ = ctx.write(bytes.writeByte('\n'), promise);
  }
}
