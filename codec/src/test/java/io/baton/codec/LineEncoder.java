package io.baton.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToByteEncoder;

/** Ends each text with a line feed. */
public final class LineEncoder extends MessageToByteEncoder<String> {
  public LineEncoder() {
    super(String.class);
  }

  @Override
  protected void encode(ChannelHandlerContext ctx, String line, ByteBuf out) {
    out.writeCharSequence(line, US_ASCII);
    out.writeByte('\n');
  }
}
